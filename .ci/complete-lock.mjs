// Adds to package-lock.json the optional packages of other platforms that npm left out.
//
// npm writes no entry for a package that the registry at hand doesn't have, and a mirror may lack the binaries of a
// platform that nobody near it uses. `npm ci` then refuses the lock file ("Missing: … from lock file"), and on the
// platform itself the binary would never be installed. What an entry needs follows from the package that asks for it
// (an exact version) and from the name (platform). It has no integrity until somebody installs it on that platform.
//
//   node .ci/complete-lock.mjs       after `npm install`, when `npm ci` misses packages
import { readFileSync, writeFileSync } from 'node:fs';

const operatingSystems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const architectures = ['arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64'];

function platformOf(name) {
  const words = name.split(/[-/]/);
  const os = operatingSystems.find((candidate) => words.includes(candidate));
  const cpu = architectures.find((candidate) => words.includes(candidate));
  if (!os || !cpu) throw new Error(`${name} is missing, and its name doesn't tell its platform: add it by hand`);
  const libc = /-musl/.test(name) ? 'musl' : /-gnu/.test(name) ? 'glibc' : undefined;
  return { os: [os], cpu: [cpu], ...(libc && { libc: [libc] }) };
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const added = [];
for (const [parent, { optionalDependencies = {}, dev, license, engines }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const path = `node_modules/${name}`;
    if (path in lock.packages || `${parent}/${path}` in lock.packages) continue;
    const { os, cpu, libc } = platformOf(name);
    lock.packages[path] = { version, cpu, dev, libc, license, optional: true, os, engines };
    added.push(`${name}@${version}`);
  }
}
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => (a === b ? 0 : a.localeCompare(b, 'en'))),
);
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length > 0 ? `added ${added.join(', ')}` : 'nothing was missing');
