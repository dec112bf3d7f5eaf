import { describe, expect, test } from 'vitest';
import type { ChangedFile } from '../../source/domain/instance.ts';
import { noOwnership, type Ownership } from '../../source/domain/ownership/ownership.ts';
import { findViolations, findWarnings, type GateInput, judgePaths, ownersOf } from '../../source/domain/queue/gate.ts';
import { defaultSettings } from '../../source/domain/settings.ts';
import { knownScope, unknownScope } from '../helpers/core/planning.ts';

const rules = (...pairs: (readonly [string, string])[]): Ownership => ({
  rules: pairs.map(([pattern, owner], index) => ({ pattern, owner, line: index + 1 })),
  readOnly: [],
  ignoredRows: 0,
});

const changed = (path: string, changes: Partial<ChangedFile> = {}): ChangedFile => ({
  path,
  change: 'M',
  oldMode: '100644',
  newMode: '100644',
  insertions: 1,
  deletions: 1,
  binary: false,
  ...changes,
});

const gate = (paths: readonly (string | ChangedFile)[], changes: Partial<GateInput> = {}) =>
  findViolations(input(paths, changes)).map(({ code, path }) => `${code} ${path}`);

const input = (paths: readonly (string | ChangedFile)[], changes: Partial<GateInput> = {}): GateInput => ({
  files: paths.map(path => (typeof path === 'string' ? changed(path) : path)),
  escapingLinks: [],
  scope: unknownScope,
  agentType: 'code_developer',
  ownership: noOwnership,
  settings: defaultSettings,
  roadmapPath: 'docs/roadmap/ROADMAP.md',
  ...changes,
});

const table = rules(
  ['docs/**', 'project_manager'],
  ['docs/*.md', 'architect'],
  ['docs/dev/**', 'code_developer'],
  ['src/**', 'code_developer'],
  ['src/shared/a.ts', 'architect'],
  ['**/*.toml', 'architect'],
  ['README.md', 'project_manager'],
  ['README.md', 'code_developer'],
);

describe('the owner of a path', () => {
  test.each([
    ['docs/dev/x/y.md', 'code_developer'],
    ['docs/other/y.md', 'project_manager'],
    ['docs/x.md', 'architect'],
    ['DOCS/Dev/x.md', 'code_developer'],
    ['./docs/dev/../x.md', 'architect'],
    ['src/shared/a.ts', 'architect'],
    ['src/shared/b.ts', 'code_developer'],
    ['src/pyproject.toml', 'code_developer'],
    ['pyproject.toml', 'architect'],
    ['README.md', 'project_manager and code_developer'],
    ['lib/x.ts', ''],
  ])('%s: %s', (path, owner) => {
    expect(ownersOf(table, path).join(' and ')).toBe(owner);
  });

  test('does not depend on the order of the rows', () => {
    const turned = { ...table, rules: [...table.rules].reverse() };
    for (const path of ['docs/dev/x.md', 'docs/x.md', 'src/shared/a.ts', 'docs/a/b']) {
      expect(ownersOf(turned, path)).toEqual(ownersOf(table, path));
    }
  });
});

describe('scope', () => {
  test('a change outside a known scope is a breach, whatever kind of change it is', () => {
    const files = [
      changed('src/a.ts'),
      changed('src/b.ts', { change: 'D', newMode: '000000' }),
      changed('lib/b.ts', { change: 'A', oldMode: '000000' }),
      changed('src/c.ts', { change: 'M', newMode: '100755' }),
    ];
    expect(gate(files, { scope: knownScope('src/a.ts', 'src/c*') })).toEqual([
      'scope src/b.ts',
      'scope lib/b.ts',
      'mode src/c.ts',
    ]);
  });

  test('an inferred or unknown scope is no promise', () => {
    expect(gate(['x/y'], { scope: { kind: 'inferred', paths: ['src/'] } })).toEqual([]);
    expect(gate(['x/y'])).toEqual([]);
  });

  test('the ROADMAP is nobody’s unless the scope names it', () => {
    const roadmap = 'docs/roadmap/ROADMAP.md';
    expect(gate([roadmap])).toEqual([`scope ${roadmap}`]);
    expect(gate([roadmap], { scope: { kind: 'inferred', paths: ['src/'] } })).toEqual([`scope ${roadmap}`]);
    expect(gate([roadmap], { scope: { kind: 'inferred', paths: [roadmap] } })).toEqual([]);
    expect(gate([roadmap], { scope: knownScope('docs/') })).toEqual([]);
    expect(gate([roadmap], { roadmapPath: null })).toEqual([]);
  });
});

describe('ownership', () => {
  test('files of another type are a breach, unowned ones follow the setting', () => {
    expect(gate(['docs/a/b', 'src/a.ts', 'lib/c'], { ownership: table })).toEqual(['ownership docs/a/b']);
    const deny = { ownership: table, settings: { ...defaultSettings, unowned: 'deny' as const } };
    expect(gate(['src/a.ts', 'lib/c'], deny)).toEqual(['ownership lib/c']);
    expect(gate(['lib/c'], { ...deny, ownership: noOwnership })).toEqual([]);
  });

  test('a file with several owners may be changed by each', () => {
    expect(gate(['README.md'], { ownership: table })).toEqual([]);
    expect(gate(['README.md'], { ownership: table, agentType: 'project_manager' })).toEqual([]);
    expect(findViolations(input(['README.md'], { ownership: table, agentType: 'architect' }))).toEqual([
      {
        code: 'ownership',
        path: 'README.md',
        message: 'README.md belongs to project_manager and code_developer, not to architect',
      },
    ]);
  });

  test('the setting may turn breaches into warnings', () => {
    const warn = { ownership: table, settings: { ...defaultSettings, ownershipPolicy: 'warn' as const } };
    expect(gate(['docs/a/b'], warn)).toEqual([]);
    expect(findWarnings(input(['docs/a/b', 'src/a'], warn)).map(one => one.path)).toEqual(['docs/a/b']);
    expect(findWarnings(input(['docs/a/b'], { ownership: table }))).toEqual([]);
    // Whatever a read-only type changes is a violation already.
    expect(findWarnings(input(['docs/a/b'], { ...warn, agentType: 'assistant' }))).toEqual([]);
  });

  test('work in progress is judged by its paths alone, by the same rules', () => {
    const { files: _, escapingLinks: __, ...rules } = input([], { ownership: table, scope: knownScope('src/') });
    const settings = { ...defaultSettings, ownershipPolicy: 'warn' as const };
    const codes = (found: ReturnType<typeof judgePaths>) => [
      found.violations.map(({ code, path }) => `${code} ${path}`),
      found.warnings.map(({ code, path }) => `${code} ${path}`),
    ];
    const paths = ['src/a.ts', 'docs/a/b', 'src/debug.log'];
    expect(codes(judgePaths(paths, rules))).toEqual([
      ['scope docs/a/b', 'ownership docs/a/b', 'runtime-state src/debug.log'],
      [],
    ]);
    expect(codes(judgePaths(paths, { ...rules, settings }))).toEqual([
      ['scope docs/a/b', 'runtime-state src/debug.log'],
      ['ownership docs/a/b'],
    ]);
  });

  test('a read-only type may change nothing, by setting or by table, even in scope', () => {
    const scope = knownScope('src/');
    expect(gate(['src/a', 'x'], { agentType: 'assistant', scope })).toEqual(['read-only src/a', 'read-only x']);
    const ownership = { ...table, readOnly: ['Reviewer'] };
    expect(gate(['src/a'], { agentType: 'reviewer', ownership })).toEqual(['read-only src/a']);
  });
});

test('submodules and links that lead out are breaches of their own', () => {
  const files = [
    changed('vendor/x', { change: 'A', oldMode: '000000', newMode: '160000' }),
    changed('vendor/y', { change: 'D', oldMode: '160000', newMode: '000000' }),
    changed('link', { change: 'A', oldMode: '000000', newMode: '120000' }),
  ];
  expect(gate(files, { escapingLinks: ['link'] })).toEqual([
    'submodule vendor/x',
    'submodule vendor/y',
    'symlink link',
  ]);
});

describe('what no branch changes unseen', () => {
  test('files that become executable, not new ones and not those that were', () => {
    const files = [
      changed('a.sh', { newMode: '100755' }),
      changed('b.sh', { change: 'A', oldMode: '000000', newMode: '100755' }),
      changed('c.sh', { oldMode: '100755', newMode: '100755' }),
      changed('d.sh', { oldMode: '100755', newMode: '100644' }),
    ];
    expect(gate(files)).toEqual(['mode a.sh']);
  });

  test('folders that make room for a link, a file or a submodule', () => {
    const gone = (path: string) => changed(path, { change: 'D', newMode: '000000' });
    const made = (path: string, newMode: string) => changed(path, { change: 'A', oldMode: '000000', newMode });
    const messages = (...files: readonly ChangedFile[]) => findViolations(input(files)).map(({ message }) => message);
    expect(messages(gone('data/a.json'), gone('data/deep/b.json'), made('data', '120000'))).toEqual([
      'the folder data with 2 files is replaced by a symbolic link',
    ]);
    expect(messages(gone('data/a.json'), made('data', '100644'))).toEqual([
      'the folder data with 1 file is replaced by a file',
    ]);
    expect(gate([gone('data/a.json'), made('data', '160000')])).toEqual(['submodule data', 'folder data']);
    expect(gate([gone('data/a.json'), made('data2', '120000'), made('other/data', '120000')])).toEqual([]);
    expect(gate([gone('data'), made('data/a.json', '100644')])).toEqual([]);
  });

  test('what programs write while they run, unless the item means it', () => {
    const state = ['app.log', 'deep/cache.db', 'data/agent_status/x.json', '.claude/todos/1.json', 'src/app.ts'];
    expect(gate(state)).toEqual(state.slice(0, 4).map(path => `runtime-state ${path}`));
    expect(gate(['src/debug.log'], { scope: knownScope('src/') })).toEqual(['runtime-state src/debug.log']);
    for (const scope of [knownScope('src/debug.log'), knownScope('src/', '**/*.log'), knownScope('src/', 'logs/*.log')])
      expect(gate(['src/debug.log'], { scope })).toEqual([]);
    expect(gate(state, { settings: { ...defaultSettings, runtimePaths: [] } })).toEqual([]);
  });
});
