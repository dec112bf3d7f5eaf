// Builds what is shipped: dist/cli.js and its chunks. With --sizes it prints what they consist of.
import { chmod, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from './bundle.mjs';
import { writeAgentIndex } from './lib/agent-index.mjs';

const root = new URL('..', import.meta.url).pathname;
writeAgentIndex();
const metafile = await bundle('cli.tsx', 'dist/cli.js');
await chmod(join(root, 'dist', 'cli.js'), 0o755);
await removeOldChunks();

if (process.argv.includes('--sizes')) {
  const sizes = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  for (const [path, { bytesInOutput }] of sizes.sort((a, b) => b[1].bytesInOutput - a[1].bytesInOutput).slice(0, 40)) {
    console.log(`${String(bytesInOutput).padStart(9)}  ${path}`);
  }
}

/** Chunks of earlier builds go. Those of the last hour stay for programs that run: they load views when these are first opened. */
async function removeOldChunks() {
  const kept = process.env.npm_lifecycle_event === 'prepack' ? 0 : 60 * 60 * 1000;
  const current = new Set(Object.keys(metafile.outputs));
  const folder = join(root, 'dist', 'chunks');
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (current.has(`dist/chunks/${name}`) || Date.now() - (await stat(path)).mtimeMs < kept) continue;
    await rm(path, { force: true });
  }
}
