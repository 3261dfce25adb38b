/**
 * The programs that tests drive: found on PATH, or installed where that is harmless, or asked for in one sentence.
 *
 * Installing happens only as root on Debian or Ubuntu, as in a container or on CI. Nothing is ever started or enabled
 * there: the server comes from `redis-tools`, which has the same binary as `redis-server` and no system service, and
 * Prometheus is unpacked and not installed.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';

type Recipe = Readonly<{
  /** Debian's and Ubuntu's package. */
  debianPackage: string;
  /** Debian has the program under another name: linked after the installation. */
  debianBinary?: string;
  /** Its installation would start a service, and bring much that its programs don't need. */
  isOnlyUnpacked?: boolean;
  howToGet: string;
}>;

const recipes = {
  'redis-server': {
    debianPackage: 'redis-tools',
    debianBinary: '/usr/bin/redis-check-rdb',
    howToGet: '`apt-get install redis-server` (Debian, Ubuntu) or `brew install redis` (macOS)',
  },
  faketime: {
    debianPackage: 'faketime',
    howToGet: '`apt-get install faketime` (Debian, Ubuntu; nothing like it works on macOS)',
  },
  openssl: {
    debianPackage: 'openssl',
    howToGet: '`apt-get install openssl` (Debian, Ubuntu) or `brew install openssl` (macOS)',
  },
  chromium: {
    debianPackage: 'chromium',
    howToGet: '`apt-get install chromium` (Debian) or `brew install chromium` (macOS)',
  },
  promtool: {
    debianPackage: 'prometheus',
    isOnlyUnpacked: true,
    howToGet: '`apt-get install prometheus` (Debian, Ubuntu) or `brew install prometheus` (macOS)',
  },
  prometheus: {
    debianPackage: 'prometheus',
    isOnlyUnpacked: true,
    howToGet: '`apt-get install prometheus` (Debian, Ubuntu) or `brew install prometheus` (macOS)',
  },
  wrk: {
    debianPackage: 'wrk',
    howToGet: '`apt-get install wrk` (Debian, Ubuntu) or `brew install wrk` (macOS)',
  },
} satisfies Record<string, Recipe>;

export type Tool = keyof typeof recipes;

const linkFolder = '/usr/local/bin';
const unpackedFolder = '/usr/local/lib';

/** @returns the program's absolute path */
export function ensureTool(
  tool: Tool,
  { path = process.env.PATH ?? '', mayInstall = isDebianRoot() }: { path?: string; mayInstall?: boolean } = {},
): string {
  const found = findOnPath(tool, path);
  if (found) return found;
  const failure = mayInstall ? install(tool, recipes[tool]) : '';
  const installed = findOnPath(tool, path);
  if (installed) return installed;
  throw new Error(`${tool} was not found${failure}: install it with ${recipes[tool].howToGet} and put it on PATH.`);
}

function findOnPath(program: string, path: string = process.env.PATH ?? ''): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isDebianRoot(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version');
}

/** @returns what went wrong, to stand in the middle of a sentence */
function install(tool: Tool, { debianPackage, debianBinary, isOnlyUnpacked }: Recipe): string {
  console.error(`Installing Debian's ${debianPackage}, because there is no ${tool} on PATH.`);
  if (isOnlyUnpacked) return unpack(tool, debianPackage);
  const options = ['-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'];
  // A package list that was never fetched, or is old, is the usual reason for a first failure.
  const isInstalled =
    aptGet('install', ...options, debianPackage) ||
    (aptGet('update', '-qq') && aptGet('install', ...options, debianPackage));
  if (!isInstalled) return ' and `apt-get` could not install it';
  const link = join(linkFolder, tool);
  if (debianBinary && !findOnPath(tool) && !existsSync(link)) symlinkSync(debianBinary, link);
  return '';
}

/** Beside its place and then moved there: another test may be doing the same. */
function unpack(tool: Tool, debianPackage: string): string {
  const folder = join(unpackedFolder, debianPackage);
  const link = join(linkFolder, tool);
  if (!existsSync(folder)) {
    const stage = mkdtempSync(join(unpackedFolder, `${debianPackage}-`));
    const download = () => runIn(stage, 'apt-get', 'download', '-qq', debianPackage);
    const isThere = download() || (aptGet('update', '-qq') && download());
    const [archive] = readdirSync(stage).filter((file) => file.endsWith('.deb'));
    if (!isThere || !archive || !runIn(stage, 'dpkg-deb', '-x', archive, 'unpacked')) {
      rmSync(stage, { recursive: true });
      return ' and `apt-get` could not download it';
    }
    if (!existsSync(folder)) renameSync(join(stage, 'unpacked'), folder);
    rmSync(stage, { recursive: true });
  }
  if (!existsSync(link)) symlinkSync(join(folder, 'usr/bin', tool), link);
  return '';
}

function aptGet(...args: string[]): boolean {
  return runIn('.', 'apt-get', ...args);
}

function runIn(cwd: string, program: string, ...args: string[]): boolean {
  const { status } = spawnSync(program, args, {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status === 0;
}
