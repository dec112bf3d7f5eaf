import { expect, it } from 'vitest';
import type { AgentStatus } from '../../helpers/programs/fake-agents.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';

const writes = (words: string) => ['-c', `echo ${words} > out.txt && git add -A && git commit -qm ${words}`];
const agents = {
  one: { command: '/bin/sh', args: writes('first') },
  two: { command: '/bin/sh', args: writes('second') },
};

it('two agents at one item: a person chooses which lands, the other is archived, and an undo brings it back', async () => {
  const product = temporaryProduct({ items: [{ id: 'US-041', files: ['out.txt'], extra: '**Agents**: one, two' }] });
  product.configure({ agent: 'one', agents, maxParallel: 4, roadmapStatus: 'off' });
  // Both are ready for review, which needs a person.
  expect((await product.run('start', '--headless', '--approve', 'clean', '--exit-when-idle')).code).toBe(1);
  const states = async () => (await product.json<AgentStatus>('status', '--json')).instances.map(({ state }) => state);
  expect(await states()).toEqual(['awaiting-approval', 'awaiting-approval']);

  const review = await product.json<{ race: readonly object[] }>('review', '041-2', '--json');
  expect(review.race).toMatchObject([
    { slug: '041', agent: 'one', files: 1, common: 1, shown: false },
    { slug: '041-2', agent: 'two', files: 1, common: 1, shown: true },
  ]);
  const unclear = await product.run('merge', 'US-041');
  expect(unclear).toMatchObject({ code: 1, stdout: '' });
  expect(unclear.stderr).toContain('Name one of them: 041 (one), 041-2 (two)');

  expect(await product.run('merge', '041-2')).toMatchObject({ code: 0, stderr: '' });
  expect(await states()).toEqual(['rejected', 'merged']);
  expect(product.git('show', 'roadmap:out.txt')).toBe('second');
  expect(product.git('show', 'roadmap-041:out.txt')).toBe('first');

  expect((await product.run('undo', '041-2')).code).toBe(0);
  expect(await product.run('merge', '041')).toMatchObject({ code: 0, stderr: '' });
  expect(product.git('show', 'roadmap:out.txt')).toBe('first');
});

it('an agent compares the runs when all have ended; a person decides otherwise all the same', async () => {
  const product = temporaryProduct({ items: [{ id: 'US-041', files: ['out.txt'], extra: '**Agents**: one, two' }] });
  const words =
    'echo "$CM_PURPOSE: take the first"; ls out.txt 2>/dev/null; grep -c "^[+]first\\|^[+]second" "$CM_PROMPT_FILE"';
  const judge = { command: '/bin/sh', args: ['-c', words] };
  product.configure({ agent: 'one', agents: { ...agents, judge }, raceJudge: 'judge', roadmapStatus: 'off' });
  const running = product.start('start', '--headless', '--approve', 'clean', '--exit-when-idle');
  expect((await running.exit).code).toBe(1);
  expect(running.events.filter(({ type }) => type === 'reading-started')).toMatchObject([
    { purpose: 'judge', agent: 'judge', number: 1 },
  ]);
  for (const slug of ['041', '041-2']) {
    const { judge: said } = await product.json<{ judge: object }>('review', slug, '--json');
    expect(said).toMatchObject({ agent: 'judge', state: 'done', words: 'judge: take the first\n2' });
  }
  expect((await product.run('logs', 'judge.041')).stdout).toContain('take the first');
  expect(await product.run('merge', '041-2')).toMatchObject({ code: 0, stderr: '' });
  expect(product.git('show', 'roadmap:out.txt')).toBe('second');
});

it('cm-tui race names the agents itself, and starts none of them where one is unknown', async () => {
  const product = temporaryProduct({ items: [{ id: 'US-041', files: ['out.txt'] }] });
  product.configure({ agent: 'one', agents });
  expect(await product.run('race', 'US-041', '--agents', 'one,nobody')).toMatchObject({ code: 2, stdout: '' });
  const { stdout, code } = await product.run('race', 'US-041', '--agents', 'one x2');
  expect(code).toBe(0);
  expect(stdout).toContain('Started 2 runs of US-041 side by side: one ×2. At most one of them lands.');
  const { instances } = await product.json<AgentStatus>('status', '--json');
  expect(instances.map(({ agent }) => agent)).toEqual(['one', 'one']);
});
