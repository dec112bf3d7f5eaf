import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProduct, type Product } from '../helpers/programs/product.ts';
import { isLong } from '../helpers/tiers.ts';

/**
 * Whatever stands where a file should: no command waits for it, reads it for ever, or takes it for an empty one. One product with one run
 * that has ended serves all cases; each puts one thing in one place, and takes it away again.
 */
let product: Product;
const state = (name: string): string => join(product.root, '.git/cm-tui', name);

beforeAll(async () => {
  product = createProduct({
    items: [{ id: 'US-041', files: ['out/**'] }],
    settings: { checks: [['true']] },
    files: { 'docs/AGENT_OWNERSHIP.md': '| File | Owner |\n|---|---|\n| `out/` | code_developer |\n' },
  });
  expect(await product.run('start', '--headless', '--exit-when-idle')).toMatchObject({ code: 1 });
});
afterAll(() => product.cleanup());

const oddities: Readonly<Record<string, (path: string) => void>> = {
  'a named pipe': path => void execFileSync('mkfifo', [path]),
  'a folder': path => void mkdirSync(path),
  'a link to /dev/zero': path => symlinkSync('/dev/zero', path),
  'an absurd size': path => {
    writeFileSync(path, '');
    truncateSync(path, 2 ** 38);
  },
};

/** Puts something odd in a place, works, and puts back what was there. */
async function withOdd<T>(path: string, kind: string, work: () => Promise<T>): Promise<T> {
  const kept = `${path}.kept`;
  const had = existsSync(path);
  mkdirSync(dirname(path), { recursive: true });
  if (had) renameSync(path, kept);
  oddities[kind]?.(path);
  try {
    return await work();
  } finally {
    rmSync(path, { recursive: true, force: true });
    if (had) renameSync(kept, path);
  }
}

const everywhere = Object.keys(oddities);
const pipe = ['a named pipe'];
const pipeOrZero = ['a named pipe', 'a link to /dev/zero'];

/** Place, what is put there, the command that reads it, its exit code. */
const cases: readonly (readonly [() => string, readonly string[], readonly string[], number])[] = [
  [() => state('journal.jsonl'), everywhere, ['status', '--json'], 3],
  [() => state('journal.mark'), pipe, ['status', '--json'], 3],
  [() => state('journal.jsonl'), pipe, ['doctor', '--json'], 3],
  [() => state('journal.jsonl'), pipe, ['spawn', '--priority', 'US-041'], 3],
  [() => state('control.path'), pipeOrZero, ['status', '--json'], 3],
  [() => state('control.path'), pipe, ['merge', 'US-041'], 3],
  // Nobody is locked out by what is no record of an owner.
  [() => state('owner-9.json'), everywhere, ['status', '--json'], 0],
  [() => state('owner-9.json'), pipe, ['pause'], 0],
  [() => state('config.json'), pipe, ['status', '--json'], 2],
  [() => state('runs/041/run.json'), pipe, ['doctor', '--json'], 3],
  [() => state('runs/041/out.log'), pipeOrZero, ['logs', 'US-041', '--raw'], 3],
  [() => join(product.root, '.cm-tui.json'), pipe, ['status', '--json'], 2],
  [() => join(product.env.HOME ?? '', '.config/cm-tui/config.json'), pipeOrZero, ['status', '--json'], 2],
];

test.each(cases.flatMap(([place, kinds, command, code]) => kinds.map(kind => ({ place, kind, command, code }))))(
  '$kind, met by $command ($code)',
  async ({ place, kind, command, code }) => {
    const path = place();
    const result = await withOdd(path, kind, () => product.run(...command));
    expect(result.code, `${path}: ${result.stdout} ${result.stderr}`).toBe(code);
    if (code === 0) return;
    const said = command[0] === 'doctor' ? result.stdout : result.stderr;
    expect(said).toContain(path);
    if (command[0] === 'doctor') return;
    expect(result.stdout).toBe('');
    expect(said.trim().split('\n'), 'one sentence').toHaveLength(1);
  },
);

test.runIf(isLong).each(['docs/roadmap/ROADMAP.md', 'docs/AGENT_OWNERSHIP.md'])(
  '%s is a problem that is told, and nothing waits for it',
  async file => {
    for (const kind of everywhere) {
      const { stdout } = await withOdd(join(product.root, file), kind, () => product.run('doctor', '--json'));
      const { checks } = JSON.parse(stdout) as {
        checks: readonly { readonly status: string; readonly text: string }[];
      };
      const told = checks.filter(({ status }) => status === 'note').map(({ text }) => text);
      expect(told.join(' '), kind).toContain(file);
    }
  },
);

test('what was accepted of tracked settings stands in no pipe', async () => {
  product.write('.cm-tui.json', '{"setup":[["true"]]}');
  const said = await withOdd(state('trust.json'), 'a named pipe', () => product.run('config', 'trust'));
  expect(said).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(state('trust.json')) });
  rmSync(join(product.root, '.cm-tui.json'));
});

test('afterwards everything is as it was', async () => {
  expect(await product.run('status')).toMatchObject({ code: 0, stderr: '' });
  expect(await product.run('merge', 'US-041')).toMatchObject({ code: 0 });
});
