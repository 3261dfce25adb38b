/** `npm test`: every check, one after the other, none skipped because another failed; then which of them failed. */
import { spawnSync } from 'node:child_process';

const checks = ['build', 'lint', 'typecheck', 'unused', 'test:vitest'];

function passes(script: string): boolean {
  console.log(`\n> ${script}`);
  // The npm that runs us: on PATH there may be none, or another.
  const npm = process.env.npm_execpath;
  const [program, ...args] = npm ? [process.execPath, npm] : ['npm'];
  const { status } = spawnSync(program as string, [...args, 'run', '--silent', script], { stdio: 'inherit' });
  return status === 0;
}

const results = checks.map((script) => {
  const startedAt = performance.now();
  return { script, isPassed: passes(script), seconds: (performance.now() - startedAt) / 1000 };
});

console.log('');
for (const { script, isPassed, seconds } of results) {
  console.log(`${isPassed ? 'passed' : 'FAILED'}  ${script} (${seconds.toFixed(1)} s)`);
}
if (results.some(({ isPassed }) => !isPassed)) process.exitCode = 1;
