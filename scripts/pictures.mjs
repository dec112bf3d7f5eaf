// npm run pictures [-- FOLDER]: runs the built program on the demo's sample repository in a real terminal and writes the README's
// pictures, made of the terminal's own cells, into docs/pictures (or FOLDER).
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundle } from './bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(process.argv[2] ?? join(root, 'docs', 'pictures'));
mkdirSync(folder, { recursive: true });
mkdirSync(join(root, 'dist'), { recursive: true });
// Beside the build and not in its place, because something else may run the program meanwhile.
const work = mkdtempSync(join(root, 'dist', 'pictures-'));
try {
  const program = join(work, 'cli.js');
  await bundle('cli.tsx', program);
  await build({
    absWorkingDir: root,
    entryPoints: ['scripts/lib/pictures.ts'],
    outfile: join(work, 'pictures.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    target: 'node20.19',
    logLevel: 'warning',
  });
  const { takePictures } = await import(join(work, 'pictures.mjs'));
  for (const line of await takePictures(program, folder)) console.log(line);
} finally {
  rmSync(work, { recursive: true, force: true });
}
