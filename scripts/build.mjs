// Builds the one file that is shipped: dist/cli.js. With --sizes it prints what the file consists of.
import { chmod } from 'node:fs/promises';
import { bundle } from './bundle.mjs';
import { writeAgentIndex } from './lib/agent-index.mjs';

writeAgentIndex();
const metafile = await bundle('cli.tsx', 'dist/cli.js');
await chmod(new URL('../dist/cli.js', import.meta.url), 0o755);

if (process.argv.includes('--sizes')) {
  const [output] = Object.values(metafile.outputs);
  const sizes = Object.entries(output.inputs).map(([path, { bytesInOutput }]) => ({ path, bytesInOutput }));
  for (const { path, bytesInOutput } of sizes.sort((a, b) => b.bytesInOutput - a.bytesInOutput).slice(0, 40)) {
    console.log(`${String(bytesInOutput).padStart(9)}  ${path}`);
  }
}
