import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AgentStatus } from '../../helpers/programs/fake-agents.ts';
import { isRunning, until } from '../../helpers/programs/processes.ts';
import type { Product } from '../../helpers/programs/product.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';

const headless = ['start', '--headless', '--approve', 'clean', '--exit-when-idle'];

/** Writes "bad", and once it was sent a finding "good". */
const author = `mkdir -p out
if grep -q 'say good' "$CM_PROMPT_FILE"; then echo good > out/US-041.txt; else echo bad > out/US-041.txt; fi
git add -A && git commit -qm work`;

/** Finds fault with "bad" alone. */
const strict = `if grep -q bad out/US-041.txt; then
  printf 'Not what the item asks for.\\nFINDINGS\\nout/US-041.txt:1: say good instead\\n'
else echo 'NO FINDINGS'; fi`;

interface Review {
  readonly review: {
    readonly state: string;
    readonly found: number;
    readonly words: string;
    readonly changed: boolean;
  };
  readonly comments: readonly {
    path: string;
    from: number;
    quote: string[];
    text: string;
    by: string;
    sentAt: string;
  }[];
}

function reviewed(reviewer: string, settings: Readonly<Record<string, unknown>> = {}): Product {
  const one = temporaryProduct();
  const script = (body: string) => ({ command: '/bin/sh', args: ['-c', body] });
  const agents = { author: script(author), critic: script(reviewer) };
  one.configure({ agent: 'author', agents, after: ['review'], reviewAgent: 'critic', ...settings });
  return one;
}

const states = async (one: Product) =>
  (await one.json<AgentStatus>('status', '--json')).instances.map(({ state }) => state);

describe('a review by another agent', () => {
  it('sends what it finds back to the author once, looks again, and only then the policy lands it', async () => {
    const one = reviewed(strict);
    const running = one.start(...headless);
    expect(await running.exit).toMatchObject({ code: 0, stderr: '' });
    const types = running.events.map(({ type }) => type);
    expect(types.filter(type => type === 'reading-started')).toHaveLength(2);
    expect(types.indexOf('merge-approved')).toBeGreaterThan(types.lastIndexOf('reading-finished'));
    expect(running.events.find(({ type }) => type === 'instance-resumed')).toMatchObject({ round: true });
    expect(one.git('show', 'roadmap:out/US-041.txt')).toBe('good');
  });

  it('leaves to a person what it finds after the last round, and keeps it from landing by itself', async () => {
    const one = reviewed("printf 'FINDINGS\\nout/US-041.txt:1: say good, louder\\nREADME.md:1: not read\\n'");
    const running = one.start(...headless);
    expect((await running.exit).code).toBe(1);
    expect(running.events.filter(({ type }) => type === 'reading-started')).toHaveLength(2);
    const { review, comments } = await one.json<Review>('review', 'US-041', '--json');
    expect(review).toMatchObject({ state: 'done', found: 2, changed: false });
    expect(comments.filter(({ sentAt }) => sentAt === null)).toMatchObject([
      { path: 'out/US-041.txt', from: 1, quote: ['+good'], by: 'critic' },
      { path: 'README.md', from: 1, quote: [], by: 'critic' },
    ]);
    expect((await one.run('review', 'US-041')).stdout).toContain('out/US-041.txt:1 (critic) say good, louder');
    expect(await one.run('merge', 'US-041')).toMatchObject({ code: 0, stderr: '' });
    expect(await states(one)).toEqual(['merged']);
  });

  it('holds no person up: whoever lands the branch meanwhile ends the review', async () => {
    const one = reviewed('exec sleep 600', { reviewRounds: 0 });
    const running = one.start('start', '--headless', '--approve', 'none', '--auto');
    const started = await running.event(({ type }) => type === 'reading-running');
    const { pid } = started.process as { readonly pid: number };
    expect(await one.run('merge', 'US-041')).toMatchObject({ code: 0, stderr: '' });
    await until(() => !isRunning(pid));
    running.kill('SIGTERM');
    await running.exit;
    expect(running.events.find(({ type }) => type === 'reading-finished')).toMatchObject({ outcome: 'dropped' });
    expect(await states(one)).toEqual(['merged']);
  });

  it('goes on when cm-tui is killed, and the next start takes what it says', async () => {
    const one = reviewed('');
    const gate = join(one.base, 'go');
    const waiting = `echo once >> ${one.base}/starts; while [ ! -e ${gate} ]; do sleep 0.05; done; echo NO FINDINGS`;
    const agents = {
      author: { command: '/bin/sh', args: ['-c', author] },
      critic: { command: '/bin/sh', args: ['-c', waiting] },
    };
    one.configure({ agent: 'author', agents, after: ['review'], reviewAgent: 'critic' });
    const first = one.start(...headless);
    await first.event(({ type }) => type === 'reading-running');
    await until(async () => existsSync(`${one.base}/starts`));
    first.kill('SIGKILL');
    await first.exit;
    one.write(gate, '');
    const second = one.start(...headless);
    expect(await second.exit).toMatchObject({ code: 0 });
    expect(one.read(`${one.base}/starts`)).toBe('once\n');
    expect(second.events.find(({ type }) => type === 'reading-finished')).toMatchObject({ outcome: 'done' });
    expect(await states(one)).toEqual(['merged']);
  });

  it('has a worktree of its own: what it changes there is thrown away and said, and an answer without findings is none', async () => {
    const one = reviewed("echo mine > out/US-041.txt; echo new > new.txt; git commit -qam mine; echo 'all is well'");
    const running = one.start(...headless);
    expect((await running.exit).code).toBe(1);
    const { review } = await one.json<Review>('review', 'US-041', '--json');
    expect(review).toMatchObject({ state: 'failed', changed: true });
    expect(review.words).toContain('all is well');
    expect(one.git('show', 'roadmap-041:out/US-041.txt')).toBe('bad');
    expect(await states(one)).toEqual(['awaiting-approval']);
  });
});
