import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { committingAgent, createProduct, type Product } from '../helpers/programs/product.ts';
import { isLong } from '../helpers/tiers.ts';

const headless = ['start', '--headless', '--approve', 'clean', '--exit-when-idle'];
/** Says that it was started, and works until it is let go by a file beside the repository. */
const waiting = `B=$(dirname "$0")\necho $$ >> "$B/started"\nuntil [ -e "$B/go" ]; do sleep 0.05; done\n${committingAgent}`;

interface Status {
  readonly recovery: string | null;
  readonly instances: readonly { readonly key: string; readonly state: string }[];
}

let product: Product;
let other: Product;
/** The state folder as it was after the first start, which began nothing, and as the second left it with an agent at work. */
let early = '';
let late = '';
let lock: Buffer = Buffer.alloc(0);
const state = (name = ''): string => join(product.root, '.git/cm-tui', name);
const starts = (one: Product): number => readFileSync(join(one.base, 'started'), 'utf8').trim().split('\n').length;

/** All but the sockets of who has left. */
const copyFolder = (from: string, to: string): void =>
  cpSync(from, to, { recursive: true, filter: file => !file.endsWith('.sock') });

/** A repository whose agent works on US-041 and whose coordinator was killed. */
async function atWork(): Promise<Product> {
  const one = createProduct({ items: [{ id: 'US-041', files: ['out/**'] }], agent: waiting });
  await one.run('pause');
  copyFolder(join(one.root, '.git/cm-tui'), join(one.base, 'early'));
  await one.run('pause', 'off');
  const owner = one.start(...headless);
  await owner.event(({ type }) => type === 'instance-started');
  owner.kill('SIGKILL');
  await owner.exit;
  return one;
}

beforeAll(async () => {
  [product, other] = [await atWork(), await atWork()];
  [early, late] = [join(product.base, 'early'), join(product.base, 'late')];
  copyFolder(state(), late);
  lock = readFileSync(join(product.root, '.git/worktrees/shop-wt041/locked'));
});

/** Puts everything back as the coordinator left it that was killed. */
function restore(): void {
  rmSync(state(), { recursive: true });
  copyFolder(late, state());
  writeFileSync(join(product.root, '.git/worktrees/shop-wt041/locked'), lock);
}
afterAll(() => {
  product.cleanup();
  other.cleanup();
});

/** What became of the journal. Less than the whole of it missing, and what its mark then says: `adapters/journal/mark`. */
const losses: Readonly<Record<string, () => void>> = {
  'is gone': () => rmSync(state('journal.jsonl')),
  'has nothing but its header, and no mark': () => {
    const [header] = readFileSync(state('journal.jsonl'), 'utf8').split('\n');
    writeFileSync(state('journal.jsonl'), `${header}\n`);
    rmSync(state('journal.mark'));
  },
  'is an older copy': () => cpSync(join(early, 'journal.jsonl'), state('journal.jsonl')),
  "is another repository's, and so is its mark": () => {
    for (const name of ['journal.jsonl', 'journal.mark']) cpSync(join(other.root, '.git/cm-tui', name), state(name));
  },
  'is gone with everything but the settings': () => {
    for (const name of readdirSync(state())) if (name !== 'config.json') rmSync(state(name), { recursive: true });
  },
  'is an older copy, as is all of the state folder': () => {
    rmSync(state(), { recursive: true });
    copyFolder(early, state());
  },
  "is another repository's, with its whole folder": () => {
    rmSync(state(), { recursive: true });
    copyFolder(join(other.root, '.git/cm-tui'), state());
  },
  'is gone with all but a living agent': () => {
    rmSync(state(), { recursive: true });
    mkdirSync(state(), { mode: 0o700 });
    cpSync(join(late, 'config.json'), state('config.json'));
    rmSync(join(product.root, '.git/worktrees/shop-wt041/locked'));
  },
};

describe.each(Object.keys(losses))('beside an agent at work, a journal that %s', what => {
  test('is damaged: status says so, and no second agent is started', async () => {
    losses[what]?.();
    try {
      const { code, stdout, stderr } = await product.run('status', '--json');
      expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining('The journal is damaged') });
      const status = JSON.parse(stdout) as Status;
      expect(stderr).toContain(status.recovery);
      expect(status.instances).toMatchObject([{ key: 'US-041', state: 'running' }]);
      expect(await product.run(...headless)).toMatchObject({ code: 3, stdout: '' });
      expect(starts(product)).toBe(1);
    } finally {
      restore();
    }
  });
});

test.runIf(isLong)('every command that would start something refuses, and doctor says why', async () => {
  losses['is gone']?.();
  const doctor = await product.run('doctor');
  expect(doctor).toMatchObject({ code: 3, stdout: expect.stringContaining('journal.jsonl is missing') });
  for (const command of [
    ['spawn', '--priority', 'US-041'],
    ['run', 'x'],
    ['merge', 'US-041'],
  ]) {
    const refused = await product.run(...command);
    expect(refused, command[0]).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('--recover') });
  }
  expect(starts(product)).toBe(1);
  restore();
});

test.runIf(isLong)('a running coordinator whose journal is taken away starts nothing more, and says why', async () => {
  const owner = product.start('start', '--headless');
  await owner.event(({ type }) => type === 'instance-adopted');
  renameSync(state('journal.jsonl'), state('elsewhere'));
  expect(await product.run('status')).toMatchObject({
    code: 3,
    stdout: expect.stringContaining('US-041'),
    stderr: expect.stringContaining('journal.jsonl is missing'),
  });
  const refused = await product.run('run', 'Another thing', '--files', 'x/**');
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toMatch(/journal.jsonl was removed by another program.*Your request is kept/);
  expect(starts(product)).toBe(1);
  owner.kill('SIGTERM');
  await owner.exit;
  restore();
});

test('a journal that is gone is rebuilt with consent, the agent is adopted, and its work lands once', async () => {
  losses['is gone']?.();
  expect(await product.run('doctor', '--recover', '--yes')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('US-041 is recovered, found by its run folder'),
  });
  expect(await product.run('status')).toMatchObject({ code: 0, stderr: '' });
  writeFileSync(join(product.base, 'go'), '');
  expect(await product.run(...headless)).toMatchObject({ code: 0, stderr: '' });
  expect(starts(product)).toBe(1);
  expect(product.git('log', '--merges', '--format=%s', 'roadmap')).toBe('Merge US-041 parallel execution');
});

test('with nothing left but the living agent it is adopted by its process; how it ended is unknown, and its work is kept', async () => {
  const stateDir = join(other.root, '.git/cm-tui');
  cpSync(join(stateDir, 'config.json'), join(other.base, 'config.json'));
  rmSync(stateDir, { recursive: true });
  rmSync(join(other.root, '.git/worktrees/shop-wt041/locked'));
  mkdirSync(stateDir, { mode: 0o700 });
  cpSync(join(other.base, 'config.json'), join(stateDir, 'config.json'));
  expect(await other.run('doctor', '--recover', '--yes')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('US-041 is recovered, found by its process'),
  });
  const owner = other.start('start', '--headless');
  await owner.event(({ type }) => type === 'instance-adopted');
  writeFileSync(join(other.base, 'go'), '');
  const judged = await owner.event(({ type }) => type === 'instance-judged');
  expect(judged).toMatchObject({ state: 'interrupted' });
  expect(starts(other)).toBe(1);
  expect(other.git('show', 'roadmap-041:out/US-041.txt')).toBe('work of US-041');
  owner.kill('SIGTERM');
  await owner.exit;
});
