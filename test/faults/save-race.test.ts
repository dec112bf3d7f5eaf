import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createGit } from '../../source/adapters/git/index.ts';
import { createRepository, type TestRepository } from '../helpers/git/repository.ts';
import { isLong } from '../helpers/tiers.ts';

/**
 * Somebody saves, by rename and in place, and builds, in the very places that landings are about to write, while one landing follows another.
 * What was saved last, and everything that a program had been told was written, has to be in the tree, in git or in the rescue folder.
 */
const landings = isLong ? 240 : 6;
const counts = { landings: 0, landed: 0, saves: 0 };
let repo: TestRepository | null = null;

afterAll(() => {
  repo?.cleanup();
  console.log(
    `Save race: ${counts.saves} files saved during ${counts.landings} landings, ${counts.landed} of them landed.`,
  );
});

const files = ['a.txt', 'b.txt', 'c.txt'];
const made = ['built/out.log', 'built/new.txt'];

test('nothing that is saved while landings replace files is lost', { timeout: 1_800_000 }, async () => {
  repo = createRepository({
    files: { ...Object.fromEntries(files.map(name => [name, 'old\n'])), '.gitignore': '*.log\n' },
  });
  const { root } = repo;
  const git = await createGit({ root, runtimeDir: null, environment: repo.env });
  let number = 0;
  let stopped = false;
  let tookMs = 0;
  const saved: { readonly path: string; readonly text: string }[] = [];

  /** Everything of ours and of git's in which what was saved may be found. */
  const found = () => {
    const texts = new Set<string>();
    const walk = (folder: string) => {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const place = join(folder, entry.name);
        if (entry.isDirectory()) walk(place);
        else if (statSync(place).size < 1000) texts.add(readFileSync(place, 'utf8'));
      }
    };
    for (const name of [...files, ...made])
      if (existsSync(join(root, name))) texts.add(readFileSync(join(root, name), 'utf8'));
    walk(join(root, '.git/cm-tui/rescue'));
    return texts;
  };

  async function saveAll(): Promise<void> {
    for (let turn = 0; !stopped; turn++) {
      const path = [...files, ...made][turn % (files.length + made.length)] ?? '';
      const place = join(root, path);
      const text = `saved ${++number}\n`;
      try {
        if (turn % 2 === 0) writeFileSync(place, text);
        else {
          writeFileSync(`${place}.swp`, text);
          renameSync(`${place}.swp`, place);
        }
        saved.push({ path, text });
      } catch {
        // Its folder is not there at the moment.
      }
      await new Promise(resolve => setTimeout(resolve, Math.floor(Math.random() * 8)));
    }
  }

  for (let round = 0; round < landings; round++) {
    const slug = String(round + 100);
    const content = Object.fromEntries([...files, 'built/new.txt'].map(name => [name, `landing ${round}\n`]));
    const head = repo.branch(`roadmap-${slug}`, content, 'main');
    const names = { runId: 'abcdefgh12345678', slug, target: 'main' };
    const request = {
      branchName: `roadmap-${slug}`,
      head,
      message: 'Merge',
      trailers: {},
      status: null,
    };
    const prepared = await git.prepare({ ...names, ...request });
    if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
    stopped = false;
    saved.length = 0;
    // The saves begin at a moment of the landing that differs from round to round: none in the first, which tells how long one takes.
    const { base, candidate } = prepared;
    const start = performance.now();
    const landing = git.land({ ...names, base, candidate }).finally(() => {
      stopped = true;
    });
    if (round === 0) await landing;
    if (round === 0) tookMs = performance.now() - start;
    await new Promise(resolve => setTimeout(resolve, ((round * 7) % 20) * (tookMs / 20)));
    const saving = saveAll();
    const result = await landing;
    await saving;
    counts.landings++;
    counts.saves += saved.length;
    if (result.outcome === 'landed') counts.landed++;
    else expect(result).toMatchObject({ outcome: 'blocked' });
    // Whoever saves a file again replaces what they saved before: the last of each has to be there.
    const texts = found();
    for (const path of [...files, ...made]) {
      const last = saved.filter(save => save.path === path).at(-1);
      if (last !== undefined) expect(texts, `round ${round}: ${path}: ${JSON.stringify(result)}`).toContain(last.text);
    }
    expect(existsSync(join(root, '.git/index.lock'))).toBe(false);
    repo.git('reset', '-q', '--hard', 'main');
    repo.git('clean', '-qfdx');
  }
  expect(counts.saves).toBeGreaterThan(landings);
});
