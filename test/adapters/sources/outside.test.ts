import { describe, expect, test } from 'vitest';
import { itemsIn } from '../../../source/adapters/sources/command.ts';
import { createSources } from '../../../source/adapters/sources/index.ts';
import type { SourceSetting } from '../../../source/domain/settings.ts';
import type { ProgramAnswer } from '../../../source/ports/sources.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const fine = { exitCode: 0, stderr: '', trouble: null } as const;

/** Sources of an empty folder, and the programs that were run. */
function setup(
  setting: SourceSetting | readonly SourceSetting[],
  answer: (command: readonly string[]) => Partial<ProgramAnswer> | string,
) {
  const ran: string[] = [];
  const ask = async (command: readonly string[]): Promise<ProgramAnswer> => {
    ran.push(command.join(' '));
    const given = answer(command);
    return { ...fine, stdout: '', ...(typeof given === 'string' ? { stdout: given } : given) };
  };
  const options = { root: temporaryFolder(), roadmap: null, ownership: null, readOnlyTypes: [] };
  return { ran, sources: createSources({ ...options, sources: [setting].flat(), ask }) };
}

function issue(number: number, body: string, more: object = {}) {
  return {
    number,
    title: `Issue ${number}`,
    body,
    labels: [],
    assignees: [],
    milestone: null,
    url: `u/${number}`,
    ...more,
  };
}

describe('issues of GitHub', () => {
  test('with labels, dependencies, lists of issues and files', async () => {
    const list = [
      issue(1, 'In `src/a.ts`.\nDepends on #2 and #9.', { labels: [{ name: 'agent:codex' }, { name: 'P1' }] }),
      issue(2, '**Files**: src/b.ts, src/c/', { milestone: { title: 'v1' }, labels: [{ name: 'type:architect' }] }),
      issue(3, '- [ ] #1\n- [x] #4 done', { labels: [{ name: 'in progress' }] }),
    ];
    const { sources } = setup({ type: 'github' }, () => JSON.stringify(list));
    const { roadmap } = await sources.read();
    expect(roadmap.problems).toEqual([]);
    expect(
      roadmap.items.map(({ id, status, dependsOn, group, scope }) => [id, status, dependsOn, group, scope.paths]),
    ).toEqual([
      ['#1', 'planned', ['#2'], 'Issue 3', ['src/a.ts']],
      ['#2', 'planned', [], 'v1', ['src/b.ts', 'src/c/**']],
      ['#3', 'in-progress', ['#1'], null, []],
    ]);
    expect(roadmap.items[0]).toMatchObject({
      agentProgram: 'codex',
      priority: 1,
      writes: 'none',
      aliases: expect.arrayContaining(['1', 'github:#1']),
    });
    expect(roadmap.items[1]).toMatchObject({ agentType: 'architect', scope: { kind: 'known' } });
    const [first] = roadmap.items;
    if (first === undefined) throw new Error('no item');
    expect(await sources.sectionText(first)).toContain('Depends on #2');
  });

  test('with sub-issues and blockers as the forge knows them, in either form, here and elsewhere', async () => {
    const at = (number: number, state: string, repo = 'o/r') => ({
      number,
      title: `Issue ${number}`,
      state,
      url: `https://github.com/${repo}/issues/${number}`,
    });
    const here = (number: number) => ({ url: at(number, 'OPEN').url });
    const list = [
      issue(1, '', { ...here(1), subIssues: [at(2, 'OPEN'), at(8, 'CLOSED')], blockedBy: [] }),
      issue(2, '', {
        ...here(2),
        parent: at(1, 'OPEN'),
        blockedBy: { nodes: [at(3, 'OPEN'), at(9, 'CLOSED')], totalCount: 2 },
      }),
      issue(3, '', { ...here(3), parent: null, subIssues: { nodes: [], totalCount: 0 }, blockedBy: [] }),
      issue(4, '', { ...here(4), blockedBy: [at(3, 'OPEN', 'o/other'), at(5, 'CLOSED', 'o/other')] }),
    ];
    const { sources } = setup({ type: 'github' }, () => JSON.stringify(list));
    const { roadmap } = await sources.read();
    expect(roadmap.problems).toEqual([]);
    expect(roadmap.items.map(({ id, status, dependsOn, group }) => [id, status, dependsOn, group])).toEqual([
      ['#1', 'planned', ['#2'], null],
      ['#2', 'planned', ['#3'], 'Issue 1'],
      ['#3', 'planned', [], null],
      ['#4', 'blocked', [], null],
    ]);
    expect(roadmap.items[3]?.notes).toEqual(['waits for o/other#3, which is open in another repository']);
  });

  test('a gh that does not know sub-issues is asked for what it knows', async () => {
    const { ran, sources } = setup({ type: 'github' }, command =>
      command.join(' ').includes('subIssues')
        ? { exitCode: 1, stderr: 'Unknown JSON field: "parent"\nAvailable fields:\n  assignees' }
        : JSON.stringify([issue(1, '')]),
    );
    const { roadmap } = await sources.read();
    expect([roadmap.items.map(({ id }) => id), roadmap.problems]).toEqual([['#1'], []]);
    expect(ran).toHaveLength(2);
  });

  test('an open issue without the label holds what depends on it', async () => {
    const { sources } = setup({ type: 'github', label: 'ready' }, command =>
      JSON.stringify(
        command.includes('--label')
          ? [issue(1, 'depends on #2'), issue(5, 'depends on #9')]
          : [issue(1, ''), issue(2, ''), issue(5, '')],
      ),
    );
    expect((await sources.read()).roadmap.items.map(({ id, status }) => [id, status])).toEqual([
      ['#1', 'blocked'],
      ['#5', 'planned'],
    ]);
  });

  test('a landing comments, labels and closes where the setting says so, and undo reverts that', async () => {
    const setting = { type: 'github', repo: 'o/r', comment: true, close: true, addLabel: 'landed' };
    const { ran, sources } = setup(setting, () => JSON.stringify([issue(1, '')]));
    const [item] = (await sources.read()).roadmap.items;
    if (item === undefined || sources.writeStatus === undefined) throw new Error('no item');
    expect(item.writes).toBe('program');
    expect(await sources.writeStatus(item, 'complete')).toBe(true);
    expect(await sources.writeStatus(item, 'planned')).toBe(true);
    expect(ran.slice(1)).toEqual([
      'gh issue comment 1 --body The work on this issue has landed. --repo o/r',
      'gh issue edit 1 --add-label landed --repo o/r',
      'gh issue close 1 --repo o/r',
      'gh issue comment 1 --body The landing of the work on this issue was reverted. --repo o/r',
      'gh issue edit 1 --remove-label landed --repo o/r',
      'gh issue reopen 1 --repo o/r',
    ]);
  });

  test.each<[string, Partial<ProgramAnswer>, RegExp]>([
    ['not installed', { exitCode: null, trouble: 'missing' }, /is not installed\. Install it/],
    ['slow', { exitCode: null, trouble: 'late' }, /no answer within 30 seconds/],
    [
      'without a login',
      { exitCode: 4, stderr: 'To get started with GitHub CLI, please run:  gh auth login' },
      /Run "gh auth login"/,
    ],
    ['rate limited', { exitCode: 1, stderr: 'API rate limit exceeded' }, /is rate limited/],
    ['offline', { exitCode: 1, stderr: 'error connecting to api.github.com' }, /cannot reach its server/],
    ['broken', { exitCode: 1, stderr: 'oops' }, /failed with exit code 1: oops/],
    ['chatty', { exitCode: 0, stdout: '<html>' }, /something else than JSON/],
  ])('a forge that is %s is one sentence', async (_, answer, message) => {
    const { sources } = setup({ type: 'github' }, () => answer);
    const { roadmap } = await sources.read();
    expect(roadmap.items).toEqual([]);
    expect(roadmap.problems).toHaveLength(1);
    expect(roadmap.problems[0]?.message).toMatch(message);
  });
});

test('issues of GitLab come in pages', async () => {
  const list = Array.from({ length: 150 }, (_, at) => ({
    iid: at + 1,
    title: `Issue ${at + 1}`,
    description: 'In `src/a.ts`',
    labels: ['P2'],
  }));
  const { sources } = setup({ type: 'gitlab' }, command => {
    const page = Number(command[command.indexOf('--page') + 1]);
    return JSON.stringify(list.slice((page - 1) * 100, page * 100));
  });
  const { items } = (await sources.read()).roadmap;
  expect(items).toHaveLength(150);
  expect(items[149]).toMatchObject({ id: '#150', priority: 2, scope: { paths: ['src/a.ts'] } });
});

describe('a program of the user', () => {
  test('prints items, and is run when one has landed', async () => {
    const items = [
      {
        id: 'ENG-7',
        title: 'Search',
        dependsOn: ['ENG-3'],
        files: ['src/a.ts'],
        group: 'Catalog',
        parallel: true,
        priority: 1,
      },
      { id: 'ENG-3', title: 'List', status: 'done' },
    ];
    const { ran, sources } = setup({ command: ['./items.sh'], write: ['./landed.sh', '{id}', '{status}'] }, () =>
      JSON.stringify({ items }),
    );
    const { roadmap } = await sources.read();
    expect(roadmap.problems).toEqual([]);
    expect(roadmap.items[0]).toMatchObject({
      id: 'ENG-7',
      dependsOn: ['ENG-3'],
      group: 'Catalog',
      parallel: true,
      priority: 1,
      source: 'command',
    });
    expect(roadmap.items[1]).toMatchObject({ status: 'complete' });
    const [item] = roadmap.items;
    if (item === undefined || sources.writeStatus === undefined) throw new Error('no item');
    expect(await sources.writeStatus(item, 'complete')).toBe(true);
    expect(ran.at(-1)).toBe('./landed.sh ENG-7 complete');
  });

  test.each([
    ['', /printed nothing/],
    ['no', /something else than JSON/],
    ['{}', /cannot be used in items/],
    ['{"items":[{"id":"a","title":"x"},{"id":"b"}]}', /cannot be used in items\[1\]\.title/],
    ['{"items":[{"id":"a","title":"x","files":"src"}]}', /items\[0\]\.files/],
  ])('%s is one sentence', (output, message) => {
    expect(itemsIn(output, './items.sh')).toMatch(message);
  });

  test('of two, only the one that printed the item writes its status', async () => {
    const program = (name: string): SourceSetting => ({ command: [name], write: [`${name}-landed`, '{id}'] });
    const { ran, sources } = setup([program('a'), program('b')], ([name]) =>
      JSON.stringify([{ id: 'both', title: 'x' }, ...(name === 'b' ? [{ id: 'one', title: 'x' }] : [])]),
    );
    const { items } = (await sources.read()).roadmap;
    const written: unknown[] = [];
    for (const item of items) written.push([item.name, await sources.writeStatus?.(item, 'complete')]);
    expect(written).toEqual([
      ['both', false],
      ['both', false],
      ['one', true],
    ]);
    expect(ran.filter(command => command.includes('landed'))).toEqual(['b-landed one']);
  });

  test('what it printed before stays when it fails', async () => {
    let fails = false;
    const { sources } = setup({ command: ['./items.sh'], write: ['true'] }, command =>
      command[0] === 'true' ? '' : fails ? { exitCode: 2 } : '[{"id":"a","title":"x"}]',
    );
    const [item] = (await sources.read()).roadmap.items;
    if (item === undefined) throw new Error('no item');
    fails = true;
    // A write is followed by another reading.
    await sources.writeStatus?.(item, 'complete');
    await sources.read();
    await expect.poll(async () => (await sources.read()).roadmap.problems.length).toBe(1);
    expect((await sources.read()).roadmap.items.map(({ id }) => id)).toEqual(['a']);
  });

  test('a screen does not wait for it', async () => {
    const options = { root: temporaryFolder(), roadmap: null, ownership: null, readOnlyTypes: [], wait: false };
    let answer: (given: ProgramAnswer) => void = () => undefined;
    const ask = () => new Promise<ProgramAnswer>(resolve => (answer = resolve));
    const sources = createSources({ ...options, sources: [{ command: ['./slow.sh'] }], ask });
    const heard = new Promise<void>(resolve => sources.watch?.(resolve));
    expect((await sources.read()).roadmap.items).toEqual([]);
    answer({ ...fine, stdout: '[{"id":"a","title":"x"}]' });
    await heard;
    expect((await sources.read()).roadmap.items.map(({ id }) => id)).toEqual(['a']);
  });
});
