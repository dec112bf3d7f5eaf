// npm run docs: writes THIRD_PARTY_NOTICES, the licences of everything that is bundled, as esbuild's metafile names it.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The text of the file, from what is bundled now. */
export async function notices() {
  const folder = await mkdtemp(join(tmpdir(), 'cm-tui-notices-'));
  try {
    const { outputs } = await bundle('cli.tsx', join(folder, 'cli.js'));
    const inputs = Object.values(outputs).flatMap(output => Object.keys(output.inputs));
    const packages = [...new Set(inputs.map(folderOf).filter(path => path !== null))].sort();
    const parts = await Promise.all(packages.map(notice));
    const head = 'cm-tui contains the following packages, under their own licences.\n';
    return [head, ...new Set(parts)].join(`\n${'-'.repeat(78)}\n\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The folder of the package that a bundled file belongs to; null: a file of this repository. */
function folderOf(path) {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? null;
}

async function notice(folder) {
  const path = join(root, folder);
  const { name, version, license, author } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
  const file = (await readdir(path)).find(entry => /^licen[cs]e/i.test(entry));
  const who = typeof author === 'string' ? author : (author?.name ?? 'its authors');
  const text = file === undefined ? `Copyright (c) ${who}` : (await readFile(join(path, file), 'utf8')).trim();
  if (license === undefined) throw new Error(`${name} names no licence`);
  return `${name} ${version} (${license})\n\n${text.replaceAll('\r\n', '\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(join(root, 'THIRD_PARTY_NOTICES'), await notices());
}
