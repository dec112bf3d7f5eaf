// How the program is bundled: ESM, React in production mode, all dependencies inside. What is imported dynamically lies in chunks beside
// the entry, so that a command loads only what it needs. The benchmarks bundle their bare page the same way.
import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { build } from 'esbuild';

// The benchmarks are bundled themselves and pass the location of the sources.
const root = process.env.CM_TUI_SOURCE ?? new URL('..', import.meta.url).pathname;

/** Bundles `entry` into `outfile`, with its chunks in the folder `chunks` beside it, and returns esbuild's metafile. */
export async function bundle(entry, outfile) {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const extension = extname(outfile);
  const result = await build({
    absWorkingDir: root,
    entryPoints: { [basename(outfile, extension)]: entry },
    outdir: dirname(outfile),
    outExtension: { '.js': extension },
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    jsx: 'automatic',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.CM_TUI_VERSION': JSON.stringify(version) },
    // Ink asks for the devtools only when DEV is set; they are not part of the product.
    // Its other form loads its parts in a way that cannot be bundled.
    alias: {
      'jsonc-parser': 'jsonc-parser/lib/esm/main.js',
      'react-devtools-core': './scripts/empty.mjs',
      ws: './scripts/empty.mjs',
      // Native forms of what is there in JavaScript too.
      'msgpackr-extract': './scripts/empty.mjs',
      'pg-native': './scripts/empty.mjs',
    },
    banner: {
      js: "import { createRequire as cmCreateRequire } from 'node:module'; const require = cmCreateRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return result.metafile;
}
