import { describe, expect, test } from 'vitest';
import { initialResources, nextResources } from '../../source/domain/capacity.ts';
import type { Instance } from '../../source/domain/instance.ts';
import type { Item } from '../../source/domain/item.ts';
import type { Ownership } from '../../source/domain/ownership/ownership.ts';
import { computePlan, type PlanInput, spawnObstacles } from '../../source/domain/plan.ts';
import { defaultSettings } from '../../source/domain/settings.ts';
import { knownScope, makeInstance, makeItem, planInput, quietMachine, unknownScope } from '../helpers/core/planning.ts';

const codes = (input: PlanInput, id: string) =>
  computePlan(input)
    .waiting()
    .find(one => one.id === id)
    ?.reasons.map(reason => reason.code);
const details = (input: PlanInput, id: string) =>
  computePlan(input)
    .waiting()
    .find(one => one.id === id)
    ?.reasons.map(reason => reason.detail);
const settings = (changes: Partial<typeof defaultSettings>) => ({ ...defaultSettings, ...changes });

describe('what runs', () => {
  test('everything that is planned, independent and fits, in document order', () => {
    const items = ['A', 'B', 'C', 'D', 'E'].map(id => makeItem(id));
    const plan = computePlan(planInput(items));
    expect(plan.ready).toEqual(['A', 'B', 'C', 'D']);
    expect(plan.waiting()).toEqual([
      {
        id: 'E',
        reasons: [{ code: 'capacity', detail: 'A, B, C, D go first; at most 4 run at once' }],
      },
    ]);
    expect(plan.groups()).toEqual([['A', 'B', 'C', 'D'], ['E']]);
    expect(plan.problems()).toEqual([]);
  });

  test('what is not planned says so, an item without a status too; what is complete is not listed', () => {
    const items = [makeItem('A', { status: 'complete' }), makeItem('B', { status: 'unknown' }), makeItem('C')];
    const plan = computePlan(planInput(items));
    expect(plan.ready).toEqual(['C']);
    expect(plan.waiting()).toEqual([
      { id: 'B', reasons: [{ code: 'status', detail: 'B has no status in the ROADMAP, so it is not planned' }] },
    ]);
    expect(computePlan(planInput(items)).reasonsOf('A')).toEqual([
      { code: 'status', detail: 'A is complete in the ROADMAP, not planned' },
    ]);
    expect(
      computePlan(planInput(items))
        .reasonsOf('B')
        .map(reason => reason.code),
    ).toEqual(['status']);
    expect(computePlan(planInput(items)).reasonsOf('C')).toEqual([]);
    expect(
      computePlan(planInput(items))
        .reasonsOf('Z')
        .map(reason => reason.code),
    ).toEqual(['status']);
  });

  test('a set of two is better than the first item alone', () => {
    const items = [
      makeItem('1', { scope: knownScope('a/', 'b/') }),
      makeItem('2', { scope: knownScope('a/') }),
      makeItem('3', { scope: knownScope('b/') }),
    ];
    const input = planInput(items);
    expect(computePlan(input).ready).toEqual(['2', '3']);
    expect(details(input, '1')).toEqual(['2 goes first and also changes a/', '3 goes first and also changes b/']);
    expect(computePlan(input).groups()).toEqual([['2', '3'], ['1']]);
  });

  test('a group may free a twin that comes before one of its own', () => {
    const same = { scope: knownScope('a/') };
    const items = [makeItem('1'), makeItem('2', { ...same, dependsOn: ['1'] }), makeItem('3', same)];
    expect(computePlan(planInput(items)).groups()).toEqual([['1', '3'], ['2']]);
    const longer = [...items, makeItem('4', { dependsOn: ['3', '2'] })];
    expect(computePlan(planInput(longer)).groups()).toEqual([['1', '3'], ['2'], ['4']]);
  });

  test('a pin outweighs the larger set', () => {
    const items = [
      makeItem('1', { scope: knownScope('a/', 'b/'), aliases: ['PRIORITY-1'] }),
      makeItem('2', { scope: knownScope('a/') }),
      makeItem('3', { scope: knownScope('b/') }),
    ];
    expect(computePlan(planInput(items, { pins: ['1'] })).ready).toEqual(['1']);
    expect(computePlan(planInput(items, { pins: ['PRIORITY-1'] })).ready).toEqual(['1']);
  });

  test('a pinned item that waits for running work keeps its place', () => {
    const running = makeItem('0', { scope: knownScope('a/') });
    const items = [
      running,
      makeItem('1', { scope: knownScope('a/', 'b/') }),
      makeItem('3', { scope: knownScope('b/') }),
    ];
    const input = planInput(items, { instances: [makeInstance(running)] });
    expect(computePlan(input).ready).toEqual(['3']);
    expect(computePlan({ ...input, pins: ['1'] }).ready).toEqual([]);
    const stuck = { ...input, pins: ['1'], instances: [makeInstance(running, { state: 'conflict' })] };
    expect(computePlan(stuck).ready).toEqual(['3']);
  });
});

describe('dependencies', () => {
  const items = [makeItem('A'), makeItem('B', { dependsOn: ['A'] })];

  test('an item waits until what it depends on has landed', () => {
    expect(computePlan(planInput(items)).ready).toEqual(['A']);
    expect(details(planInput(items), 'B')).toEqual(['A has not landed']);
    const [a, b] = items as [Item, Item];
    const waiting = planInput(items, { instances: [makeInstance(a, { state: 'awaiting-approval' })] });
    expect(codes(waiting, 'B')).toEqual(['dependency']);
    const landed = planInput(items, { instances: [makeInstance(a, { state: 'merged' })] });
    expect(computePlan(landed).ready).toEqual(['B']);
    const complete = planInput([makeItem('A', { status: 'complete' }), b]);
    expect(computePlan(complete).ready).toEqual(['B']);
  });

  test('says what became of it', () => {
    const [a, b] = items as [Item, Item];
    const failed = planInput(items, { instances: [makeInstance(a, { state: 'failed', reason: 'exit code 3' })] });
    expect(details(failed, 'B')).toEqual(['A has not landed; its last run failed']);
    expect(details(planInput([makeItem('A', { status: 'blocked' }), b]), 'B')).toEqual([
      'A has not landed and is not planned (blocked)',
    ]);
    expect(details(planInput([b]), 'B')).toEqual(['A is not in the ROADMAP']);
  });

  test('finds a dependency by any of its names', () => {
    const named = [makeItem('US-108', { aliases: ['PRIORITY-23'] }), makeItem('B', { dependsOn: ['PRIORITY-23'] })];
    const landed = makeInstance(named[0] as Item, { state: 'cleaned' });
    expect(codes(planInput(named), 'B')).toEqual(['dependency']);
    expect(computePlan(planInput(named, { instances: [landed] })).ready).toEqual(['B']);
  });

  test('a cycle is named, once, from its first member', () => {
    const cycle = [
      makeItem('X', { dependsOn: ['B'], line: 1 }),
      makeItem('A', { dependsOn: ['B'], line: 2 }),
      makeItem('B', { dependsOn: ['C'], line: 3 }),
      makeItem('C', { dependsOn: ['A'], line: 4 }),
      makeItem('S', { dependsOn: ['S'], line: 5 }),
      makeItem('Z', { line: 6 }),
    ];
    const plan = computePlan(planInput(cycle));
    expect(plan.ready).toEqual(['Z']);
    expect(plan.groups()).toEqual([['Z']]);
    for (const id of ['A', 'B', 'C']) {
      expect(plan.waiting().find(one => one.id === id)?.reasons).toEqual([
        { code: 'cycle', detail: 'depends on itself: A → B → C → A' },
      ]);
    }
    expect(plan.waiting().find(one => one.id === 'X')?.reasons).toEqual([
      { code: 'dependency', detail: 'B has not landed; it depends on itself' },
    ]);
    expect(plan.problems().map(({ code, line }) => [code, line])).toEqual([
      ['cycle', 2],
      ['cycle', 5],
    ]);
    expect(plan.problems()[1]?.message).toContain('S → S');
  });

  test('a cycle through a completed item is none', () => {
    const items = [makeItem('A', { dependsOn: ['B'] }), makeItem('B', { dependsOn: ['A'], status: 'complete' })];
    expect(computePlan(planInput(items)).ready).toEqual(['A']);
  });
});

describe('scope', () => {
  const a = makeItem('A', { scope: knownScope('src/') });
  const b = makeItem('B', { scope: knownScope('src/b.ts', 'docs/') });

  test.each<[Instance['state'], string | null]>([
    ['pending', 'A runs and also changes src/b.ts'],
    ['running', 'A runs and also changes src/b.ts'],
    ['completed', 'A waits to land and also changes src/b.ts'],
    ['conflict', 'A waits to land and also changes src/b.ts'],
    ['needs-attention', 'A needs attention and also changes src/b.ts'],
    ['rejected', null],
    ['failed', null],
    ['merged', null],
  ])('an instance that is %s: %s', (state, expected) => {
    const input = planInput([a, b], { instances: [makeInstance(a, { state })] });
    expect(details(input, 'B')).toEqual(expected === null ? undefined : [expected]);
  });

  test('an instance whose item has left the ROADMAP still holds its files', () => {
    expect(codes(planInput([b], { instances: [makeInstance(a)] }), 'B')).toEqual(['overlap']);
  });

  test('items of unknown scope run one at a time, beside known ones', () => {
    const items = [
      makeItem('U1', { scope: unknownScope }),
      makeItem('U2', { scope: unknownScope }),
      a,
      makeItem('C', { scope: { kind: 'inferred', paths: ['lib/'] } }),
    ];
    const input = planInput(items);
    expect(computePlan(input).ready).toEqual(['U1', 'A', 'C']);
    expect(codes(input, 'U2')).toEqual(['unknown-scope']);
    expect(computePlan({ ...input, settings: settings({ unknownScope: 'parallel' }) }).ready).toHaveLength(4);
    const running = { ...input, instances: [makeInstance(items[0] as Item)] };
    expect(computePlan(running).ready).toEqual(['A', 'C']);
    expect(details(running, 'U2')).toEqual(['U1 runs, also with unknown scope: runs one at a time']);
  });

  test('a type that changes nothing is in nobody’s way', () => {
    const reader = makeItem('R', { agentType: 'assistant', scope: knownScope('src/') });
    expect(computePlan(planInput([a, reader, b])).ready).toEqual(['A', 'R']);
    expect(computePlan(planInput([reader, b], { instances: [makeInstance(a)] })).ready).toEqual(['R']);
  });
});

describe('ownership', () => {
  const ownership: Ownership = {
    rules: [
      { pattern: 'docs/**', owner: 'project_manager', line: 1 },
      { pattern: 'docs/dev/**', owner: 'code_developer', line: 2 },
      { pattern: 'src/**', owner: 'code_developer', line: 3 },
    ],
    readOnly: ['reviewer'],
    ignoredRows: 0,
  };
  const check = (path: string, changes: Partial<typeof defaultSettings> = {}, agentType = 'code_developer') =>
    details(
      planInput([makeItem('A', { scope: knownScope(path), agentType })], { ownership, settings: settings(changes) }),
      'A',
    );

  test('a scope lies inside what its type owns, the most specific rule deciding', () => {
    expect(check('src/a.ts')).toBeUndefined();
    expect(check('docs/a.md')).toEqual(['docs/a.md belongs to project_manager, not to code_developer']);
    expect(check('docs/dev/a.md')).toBeUndefined();
    expect(check('docs/', {}, 'project_manager')).toEqual([
      'docs/dev/** within docs/ belongs to code_developer, not to project_manager',
    ]);
    expect(check('lib/x.ts')).toBeUndefined();
    expect(check('lib/x.ts', { unowned: 'deny' })).toEqual(['lib/x.ts has no owner in the ownership table']);
    expect(check('docs/a.md', { ownershipPolicy: 'warn' })).toBeUndefined();
    const warned = (path: string, ownershipPolicy: 'block' | 'warn') =>
      computePlan(
        planInput([makeItem('A', { scope: knownScope(path) })], { ownership, settings: settings({ ownershipPolicy }) }),
      ).warnings();
    const detail = 'docs/a.md belongs to project_manager, not to code_developer';
    expect(warned('docs/a.md', 'warn')).toEqual([{ id: 'A', reasons: [{ code: 'ownership', detail }] }]);
    expect(warned('docs/a.md', 'block')).toEqual([]);
    expect(warned('src/a.ts', 'warn')).toEqual([]);
    expect(check('docs/a.md', {}, 'reviewer')).toBeUndefined();
    expect(check('docs/a.md', {}, 'Project Manager')).toBeUndefined();
  });
});

describe('instances of the item', () => {
  const item = makeItem('A');

  test('a second one is refused with pid and start time of the first', () => {
    const input = planInput([item], { instances: [makeInstance(item)] });
    expect(details(input, 'A')).toEqual(['A is already running since 1970-01-01T00:00:00.000Z (pid 4711)']);
    expect(spawnObstacles(input, 'A', { explicit: true }).map(one => one.code)).toEqual(['singleton']);
    const waits = planInput([item], { instances: [makeInstance(item, { state: 'queued' })] });
    expect(details(waits, 'A')).toEqual(['A already has work waiting to land']);
    expect(spawnObstacles(waits, 'A', { explicit: true, ignoring: [makeInstance(item).runId] })).toEqual([]);
  });

  test('a read-only type may run several times, when a person says so', () => {
    const reader = makeItem('R', { agentType: 'assistant' });
    const input = planInput([reader], { instances: [makeInstance(reader)] });
    expect(codes(input, 'R')).toEqual(['singleton']);
    expect(spawnObstacles(input, 'R', { explicit: true })).toEqual([]);
  });

  test.each<Instance['state']>(['failed', 'cancelled', 'no-work', 'needs-attention', 'rejected'])(
    'after %s only a person runs it again',
    state => {
      const input = planInput([item], { instances: [makeInstance(item, { state, reason: 'why' })] });
      expect(codes(input, 'A')).toEqual(['attempts']);
      expect(details(input, 'A')?.[0]).toContain('why');
      expect(spawnObstacles(input, 'A', { explicit: true })).toEqual([]);
    },
  );

  test('an interrupted run is repeated until the attempts are used up', () => {
    const run = (n: number) => Array.from({ length: n }, () => makeInstance(item, { state: 'interrupted' }));
    expect(computePlan(planInput([item], { instances: run(4) })).ready).toEqual(['A']);
    expect(codes(planInput([item], { instances: run(5) }), 'A')).toEqual(['attempts']);
  });

  test('what has landed is not run again by the loop, whatever the ROADMAP says', () => {
    const merged = planInput([item], { instances: [makeInstance(item, { state: 'merged' })] });
    const plan = computePlan(merged);
    expect([plan.ready, plan.waiting(), plan.groups()]).toEqual([[], [], []]);
    expect(
      computePlan(merged)
        .reasonsOf('A')
        .map(one => one.code),
    ).toEqual(['status']);
    const cleaned = planInput([item], { instances: [makeInstance(item, { state: 'cleaned' })] });
    expect(computePlan(cleaned).ready).toEqual([]);
    expect(spawnObstacles(cleaned, 'A', { explicit: true })).toEqual([]);
  });

  test('an instance follows an id that became a duplicate', () => {
    const twins = [makeItem('A@3', { duplicate: true, line: 3 }), makeItem('A@9', { duplicate: true, line: 9 })];
    const input = planInput(twins, { instances: [makeInstance(item)] });
    expect(codes(input, 'A@3')).toEqual(['singleton']);
  });
});

describe('duplicates', () => {
  test('neither is spawned unless a person names one by line', () => {
    const twins = [
      makeItem('A@3', { duplicate: true, line: 3 }),
      makeItem('A@9', { duplicate: true, line: 9, scope: knownScope('other/') }),
    ];
    const plan = computePlan(planInput(twins));
    expect(plan.ready).toEqual([]);
    expect(plan.groups()).toEqual([]);
    expect(plan.waiting().map(({ reasons }) => reasons.map(one => one.code))).toEqual([['duplicate'], ['duplicate']]);
    expect(plan.problems().map(({ code, line }) => [code, line])).toEqual([
      ['duplicate', 3],
      ['duplicate', 9],
    ]);
    const known = { code: 'duplicate', line: 3, message: 'as read' };
    expect(
      computePlan(planInput(twins, { problems: [known] }))
        .problems()
        .map(one => one.line),
    ).toEqual([3, 9]);
    expect(spawnObstacles(planInput(twins), 'A@9', { explicit: true })).toEqual([]);
  });
});

describe('the machine and the repository', () => {
  const items = [makeItem('A'), makeItem('B')];

  test('capacity is what the machine bears, less what runs', () => {
    const two = { ...quietMachine, capacity: 2, band: 2 as const, explanation: 'CPU 72 %' };
    const other = makeItem('C');
    const input = planInput([...items, other], { resources: two, instances: [makeInstance(other)] });
    expect(computePlan(input).ready).toEqual(['A']);
    expect(details(input, 'B')).toEqual(['A goes first; at most 2 run at once (CPU 72 %)']);
    const full = { ...input, resources: { ...two, capacity: 1 } };
    expect(codes(full, 'A')).toEqual(['capacity']);
    expect(codes(full, 'C')).toEqual(['singleton']);
    expect(spawnObstacles(full, 'A', { explicit: true }).map(one => one.code)).toEqual(['capacity']);
  });

  test('one run is allowed before anything of the machine is known, the next one waits for a reading', () => {
    const input = planInput(items, { resources: initialResources });
    expect(computePlan(input).ready).toEqual(['A']);
    expect(details(input, 'B')).toEqual([
      'A goes first; at most 1 runs at once (waiting for the first CPU and memory reading)',
    ]);
  });

  test('a disk that could not be read holds even the first run', () => {
    const resources = nextResources(
      initialResources,
      { cpuPercent: null, memoryPercent: 20, diskPercent: null, freeDiskBytes: null },
      { maxParallel: 4, maxCpuPercent: 80, maxMemoryPercent: 80 },
      { justStarted: 0 },
    );
    const input = planInput(items, { resources });
    expect(computePlan(input).ready).toEqual([]);
    expect(details(input, 'A')).toEqual(['free disk space is unknown']);
  });

  test('maxParallel 0 starts nothing', () => {
    expect(computePlan(planInput(items, { settings: settings({ maxParallel: 0 }) })).ready).toEqual([]);
  });

  test('a full disk, or one that cannot be read, holds', () => {
    const full = planInput(items, { resources: { ...quietMachine, freeDiskBytes: 1024 ** 3 } });
    expect(details(full, 'A')).toEqual(['1.0 GiB of disk space free, 2.0 GiB needed']);
    const blind = planInput(items, { resources: { ...quietMachine, freeDiskBytes: null } });
    expect(codes(blind, 'A')).toEqual(['disk']);
    expect(computePlan({ ...blind, settings: settings({ minFreeDisk: 0 }) }).ready).toEqual(['A', 'B']);
  });

  test('a repository that cannot take instances, a pause and a rate limit hold', () => {
    const broken = planInput(items, { repositoryProblems: ['git 2.30 is too old'] });
    expect(details(broken, 'A')).toEqual(['git 2.30 is too old']);
    expect(spawnObstacles(broken, 'A', { explicit: true }).map(one => one.code)).toEqual(['repository']);
    const paused = planInput(items, { paused: true });
    expect(computePlan(paused).ready).toEqual([]);
    expect(codes(paused, 'A')).toEqual(['paused']);
    expect(spawnObstacles(paused, 'A', { explicit: true })).toEqual([]);
    const limited = planInput([makeItem('A', { agentProgram: 'codex' }), makeItem('B')], {
      cooldowns: { codex: 1_000_001, claude: 999_999 },
    });
    expect(computePlan(limited).ready).toEqual(['B']);
    expect(codes(limited, 'A')).toEqual(['cooldown']);
  });

  test('what was spent holds new runs: of the start, of the day, or of the item', () => {
    const now = new Date(2026, 4, 2, 12).getTime();
    const yesterday = new Date(2026, 4, 1, 23).getTime();
    const usage = { inputTokens: null, outputTokens: null, costUsd: 3 };
    const ended = { state: 'interrupted', endTime: now - 1000, usage } as const;
    const runs = [
      makeInstance(items[0] as Item, { ...ended, attempt: 1 }),
      makeInstance(items[0] as Item, { ...ended, runId: 'abcdefgh12345678', attempt: 2, endTime: yesterday }),
    ];
    const spent = (costCapUsd: (typeof defaultSettings)['costCapUsd'], startedAt: number) =>
      planInput(items, { instances: runs, settings: settings({ costCapUsd }), startedAt, now });
    expect(details(spent(3, now - 5000), 'B')).toEqual([
      'the runs since the start have cost $3.00 of $3.00 (costCapUsd, start)',
    ]);
    expect(computePlan(spent({ start: 3.01 }, now - 5000)).ready).toEqual(['A', 'B']);
    expect(details(spent({ day: 2 }, now), 'B')).toEqual(["today's runs have cost $3.00 of $2.00 (costCapUsd, day)"]);
    expect(computePlan(spent({ day: 4 }, now)).ready).toEqual(['A', 'B']);
    expect(details(spent({ item: 6 }, now), 'A')).toEqual(['its runs have cost $6.00 of $6.00 (costCapUsd, item)']);
    expect(computePlan(spent({ item: 6 }, now)).ready).toEqual(['B']);
    expect(spawnObstacles(spent({ item: 6 }, now), 'A', { explicit: true })).toEqual([]);
  });

  test('every reason is given, not just the first', () => {
    const held = makeItem('D', { dependsOn: ['B'], scope: knownScope('source/A/x.ts') });
    const input = planInput([...items, held], {
      instances: [makeInstance(items[0] as Item)],
      paused: true,
      repositoryProblems: ['no identity'],
      resources: { ...quietMachine, capacity: 1, freeDiskBytes: 0 },
    });
    expect(codes(input, 'D')).toEqual(['dependency', 'overlap', 'paused', 'repository', 'disk', 'capacity']);
  });
});

describe('groups', () => {
  test('follow dependencies, scopes and maxParallel, what runs first', () => {
    const items = [
      makeItem('A', { scope: knownScope('x/') }),
      makeItem('B', { scope: knownScope('x/') }),
      makeItem('C', { dependsOn: ['A'] }),
      makeItem('D', { dependsOn: ['gone'] }),
      makeItem('E'),
      makeItem('F', { status: 'complete' }),
    ];
    expect(computePlan(planInput(items)).groups()).toEqual([
      ['A', 'E'],
      ['B', 'C'],
    ]);
    const running = planInput(items, { instances: [makeInstance(items[1] as Item)] });
    expect(computePlan(running).groups()).toEqual([['B', 'E'], ['A'], ['C']]);
    const one = planInput(items, { settings: settings({ maxParallel: 1 }) });
    expect(computePlan(one).groups()).toEqual([['A'], ['B'], ['C'], ['E']]);
  });
});
