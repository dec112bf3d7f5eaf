// Builds the one file that is shipped: dist/cli.js, React in production mode, all dependencies inside.
import { chmod, readFile } from 'node:fs/promises';
import { build } from 'esbuild';

const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
const root = new URL('..', import.meta.url).pathname;

const result = await build({
  absWorkingDir: root,
  entryPoints: { cli: 'cli.tsx' },
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  jsx: 'automatic',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  metafile: true,
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.CM_TUI_VERSION': JSON.stringify(version) },
  // Ink asks for the devtools only when DEV is set; they are no part of the product.
  alias: { 'react-devtools-core': './scripts/empty.mjs' },
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as cmCreateRequire } from 'node:module'; const require = cmCreateRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
await chmod(new URL('../dist/cli.js', import.meta.url), 0o755);

if (process.argv.includes('--sizes')) {
  const [output] = Object.values(result.metafile.outputs);
  const sizes = Object.entries(output.inputs).map(([path, { bytesInOutput }]) => ({ path, bytesInOutput }));
  for (const { path, bytesInOutput } of sizes.sort((a, b) => b.bytesInOutput - a.bytesInOutput).slice(0, 40)) {
    console.log(`${String(bytesInOutput).padStart(9)}  ${path}`);
  }
}
