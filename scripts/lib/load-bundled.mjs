import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles a TypeScript file of this project and hands what it exports to `job`; the bundle is removed afterwards. */
export async function withBundled(entry, job) {
  const outdir = await mkdtemp(join(tmpdir(), 'cm-tui-script-'));
  try {
    const outfile = join(outdir, 'bundle.mjs');
    await build({
      absWorkingDir: new URL('../..', import.meta.url).pathname,
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20.19',
      // picomatch loads node:path with require.
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      logLevel: 'warning',
    });
    return await job(await import(outfile));
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
}
