/** Lists that cannot be read, all in one repository with a ROADMAP that can: each is one sentence, and the work goes on. */
import { chmodSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { isLong } from '../../helpers/tiers.ts';

interface Reading {
  readonly items: readonly { readonly id: string; readonly status: string; readonly source: string }[];
  readonly problems: readonly { readonly code: string; readonly message: string }[];
}

const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
const anchors = 'bcdefghij'.split('').map((name, at) => `${name}: &${name} [${`*${'abcdefghi'[at]},`.repeat(9)}]`);

/** A bad file of each form, and the sentence on it. */
const files: readonly (readonly [path: string, text: string | Buffer, sentence: RegExp])[] = [
  ['.planning/ROADMAP.md', '# Roadmap: Shop\n', /^\.planning\/ROADMAP\.md looks like gsd, but has no item/],
  ['specs/001-a/tasks.md', Buffer.from('- [ ] T001 Caf\xe9\n', 'latin1'), /not valid UTF-8 on 1 line, first on line 1/],
  ['openspec/changes/a/tasks.md', '- [?] 1.1 One\n', /1\.1: "\[\?\]" is an unknown status/],
  ['.kiro/specs/a/tasks.md', '- [ ] 7. One\n- [ ] 7. Two\n', /^7 is there twice \(line 1 of .* and line 2 of/],
  [
    'backlog/tasks/task-1 - a.md',
    '---\nid: task-1\ntitle: a\n',
    /task-1 - a\.md has front matter that is never closed/,
  ],
  [
    'backlog/tasks/task-2 - a.md',
    `---\na: &a [x,x]\n${anchors.join('\n')}\n---\n`,
    /task-2 - a\.md .*Excessive alias count/,
  ],
  ['backlog/tasks/task-3 - a.md', `---\nid: ${deep}\n---\n`, /task-3 - a\.md .*nested too deeply/],
  ['.taskmaster/tasks/tasks.json', `{"tasks":${deep}}`, /tasks\.json is nested more than 100 levels deep/],
  ['prd.json', '{"userStories":[{"id":"A","title":"x"}]}', /A does not say whether it passes/],
  ['.beads/issues.jsonl', '{"id":"b-1","title":"x","status":"open"}\n<<<<<<< HEAD\n', /Line 2 of .* is not an issue/],
];

it('bad files of every form and a forge that asks for a login', { timeout: 120_000 }, async () => {
  const made = temporaryProduct({ agent: 'echo x > out.txt; git add -A; git commit -qm x', files: {} });
  const put = (path: string, text: string | Buffer): void => {
    mkdirSync(dirname(join(made.root, path)), { recursive: true });
    writeFileSync(join(made.root, path), text);
  };
  for (const [path, text] of files) put(path, text);
  const { items, problems } = await made.json<Reading>('roadmap', '--json');
  expect(items.find(({ id }) => id === 'US-041')).toMatchObject({ status: 'planned', source: 'roadmap' });
  expect(items.find(({ id }) => id === 'b-1')).toMatchObject({ status: 'planned', source: 'beads' });
  const messages = problems.map(({ message }) => message);
  for (const [path, , sentence] of files)
    expect([path, messages.filter(message => sentence.test(message)).length]).toEqual([path, 1]);
  for (const message of messages) expect(message).toMatch(/^[^\n]{1,420}\.$/);

  // A forge beside all this.
  const bin = join(made.base, 'bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'gh'),
    '#!/bin/sh\necho "To get started with GitHub CLI, please run:  gh auth login" >&2\nexit 4\n',
  );
  chmodSync(join(bin, 'gh'), 0o755);
  put('.git/cm-tui/config.json', JSON.stringify({ sources: ['roadmap', 'github', 'beads'] }));
  const product = made.with({ PATH: `${bin}${delimiter}${made.env.PATH ?? ''}` });
  const second = await product.json<Reading>('roadmap', '--json');
  expect(second.items.map(({ id }) => id)).toEqual(['US-041', 'b-1']);
  expect(second.problems.map(({ message }) => message).filter(message => message.includes('gh'))).toEqual([
    expect.stringContaining('Run "gh auth login"'),
  ]);
});

// What is larger than is read is not read, and what has more items than anybody works on is read in part: neither holds up the rest.
it.runIf(isLong)('files of 50 MB and lists of a million entries', { timeout: 600_000 }, async () => {
  const product = temporaryProduct();
  const put = (path: string, text: string): string => {
    const full = join(product.root, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
    return full;
  };
  const lines = (make: (at: number) => string, count = 1_000_000): string =>
    Array.from({ length: count }, (_, at) => make(at)).join('');
  for (const path of ['specs/001-a/tasks.md', '.taskmaster/tasks/tasks.json', 'backlog/tasks/task-1 - a.md'])
    truncateSync(put(path, '- [ ] T001 One\n'), 50 * 1024 * 1024);
  put(
    '.kiro/specs/a/tasks.md',
    lines(at => `- [ ] ${at % 5000}.${Math.floor(at / 5000)} A\n`),
  );
  put('prd.json', JSON.stringify(Array.from({ length: 1_000_000 }, (_, at) => ({ id: at }))));
  const { items, problems } = await product.json<Reading>('roadmap', '--json');
  expect(items.find(({ id }) => id === 'US-041')).toMatchObject({ status: 'planned' });
  expect(items.filter(({ source }) => source === 'kiro')).toHaveLength(20_000);
  expect(items.filter(({ source }) => source === 'ralph')).toHaveLength(20_000);
  const messages = problems.filter(({ code }) => code === 'file' || code === 'size').map(({ message }) => message);
  expect(messages).toEqual([
    'specs/001-a/tasks.md is larger than 16 MiB, so it is not read; split it.',
    '.kiro/specs/a/tasks.md is longer than what is read; only its first 20,000 items count. Split it.',
    'backlog/tasks/task-1 - a.md is larger than 16 MiB, so it is not read; split it.',
    '.taskmaster/tasks/tasks.json is larger than 16 MiB, so it is not read; split it.',
    'prd.json is longer than what is read; only its first 20,000 items count. Split it.',
  ]);
  // As the ROADMAP itself, with the same entries and with boxes alone.
  const roadmap = 'docs/roadmap/ROADMAP.md';
  for (const text of [lines(at => `## US-${at + 1}: A ✅\n`, 700_000), lines(at => `- [ ] e${at}\n`)]) {
    put(roadmap, text);
    const read = await product.json<Reading>('roadmap', '--json', '--roadmap', roadmap);
    expect(read.items).toHaveLength(20_000);
    expect(read.problems.map(({ code }) => code)).toEqual(['size']);
  }
  truncateSync(put(roadmap, '# Roadmap\n'), 50 * 1024 * 1024);
  const none = await product.json<Reading>('roadmap', '--json', '--roadmap', roadmap);
  expect(none.problems[0]?.message).toMatch(
    /^The ROADMAP \S+ROADMAP\.md is larger than 16 MiB, so it is not read; split it\.$/,
  );
});
