import { describe, expect, test } from 'vitest';
import type { Item } from '../../../source/domain/item.ts';
import { parseRoadmap } from '../../../source/domain/roadmap/parse.ts';

const others = Array.from({ length: 9 }, (_, at) => `## US-00${at + 1}: Other\n**Status**: ✅ Complete\n`).join('\n');
const priorities = ['1', '2', '5', '5.5', '6', '27', '28']
  .map(n => `## PRIORITY ${n}: Other\n**Status**: ✅ Complete\n`)
  .join('\n');

function parse(text: string, readSpec?: (path: string) => string | null) {
  return parseRoadmap(text, readSpec === undefined ? { path: null } : { path: null, readSpec });
}

/** The item US-100 with a section, among others that it can depend on. */
function item(section: string, heading = 'US-100: The one', readSpec?: (path: string) => string | null): Item {
  const { items } = parse(`## ${heading}\n${section}\n\n${others}\n${priorities}`, readSpec);
  const found = items.find(one => one.line === 1);
  if (found === undefined) throw new Error('the item is missing');
  return found;
}

describe('status', () => {
  test.each([
    ['**Status**: 📝 Planned', 'planned'],
    ['**Status:** 📝 Planned', 'planned'],
    ['- **Status**: 📝 Planned', 'planned'],
    ['**Status**: 📝 **PLANNED** (2025-10-10 - ready)', 'planned'],
    ['**Status**: 📝 Backlog', 'planned'],
    ['**Status**: 🔄 **MOSTLY COMPLETE** (core done)', 'in-progress'],
    ['**Status**: ✅ Partially Complete - needs a test', 'complete'],
    ['**Status**: ⏸️ Deferred until US-006 complete', 'blocked'],
    ['**Status**: ⏸ Blocked', 'blocked'],
    ['**Status**: 🚧 Manual Review', 'manual-review'],
    ['**Status**: 🧪 Testing', 'testing'],
    ['**Status**: ❌ FAILED', 'failed'],
    ['**Status**: 🚨 Critical - blocking everything', 'unknown'],
    ['**Status**: 🔴 Planned', 'planned'],
    ['**Status**: Planned', 'planned'],
    ['**Status**: COMPLETE', 'complete'],
    ['**Status**: Complete', 'complete'],
    ['**Status**: Completely unclear', 'unknown'],
    ['**Status**: Partially complete', 'in-progress'],
    ['**Status**: 90% complete', 'in-progress'],
    ['**Status**: 100% complete', 'complete'],
    ['**Status**: Not complete', 'unknown'],
    ['**Status**: Not started', 'planned'],
    ['**Status**: Deferred until US-006 complete', 'blocked'],
    ['**Status**: In Progress', 'in-progress'],
    ['**Status**: Ready for review', 'unknown'],
    ['**Status**: Ready to implement', 'planned'],
    ['**Status**: something else', 'unknown'],
    ['**Status**:\n✅ Complete', 'complete'],
    ['**Priority**: HIGH | **Status**: 📝 Planned | **Effort**: 2 days', 'planned'],
    ['**Statut**: 📝 Planifié', 'planned'],
    ['Status: 📝 Planned', 'planned'],
    ['```\n**Status**: 📝 Planned\n```', 'unknown'],
    ['   - **Status**: 📝 Planned', 'unknown'],
    ['**Phases**:\n- **Status**: 📝 Planned', 'unknown'],
    ['- Status checks are integrated', 'unknown'],
    ['### Phase 1\n**Status**: 📝 Planned', 'planned'],
  ])('%s', (section, status) => {
    expect(item(section).status).toBe(status);
  });

  test('the section beats the heading, and the contradiction is reported', () => {
    const { items, problems } = parse('### US-001: A 📝 Planned\n\n**Status**: ✅ Complete - done\n');
    expect(items[0]?.status).toBe('complete');
    expect(problems).toMatchObject([{ line: 1, code: 'mismatch' }]);
  });

  test('the status of a phase does not beat the heading', () => {
    expect(item('### Phase 1\n**Status**: ✅ Complete', 'US-100: The one 📝 Planned').status).toBe('planned');
  });

  test('none, and one that says nothing, are reported', () => {
    const { problems } = parse('### US-001: A\n\n### US-002: B\n**Status**: 🚨 Critical\n');
    expect(problems.map(problem => [problem.line, problem.code])).toEqual([
      [1, 'status'],
      [4, 'status'],
    ]);
  });
});

describe('dependencies', () => {
  test.each([
    ['**Dependencies**: US-001', ['US-001'], []],
    ['**Dependency**: Requires PRIORITY 2 (the client) completed', ['PRIORITY-2'], []],
    ['**Depends On**: US-1 and us-002', ['US-001', 'US-002'], []],
    ['**Blocked By**: US-001 ✅', ['US-001'], []],
    ['**Dependencies**: PRIORITY 1 (core), PRIORITY 2 (client core)', ['PRIORITY-1', 'PRIORITY-2'], []],
    [
      '**Dependency**: after the dashboards (PRIORITY 5, 5.5, 6) and PRIORITY 1',
      ['PRIORITY-5', 'PRIORITY-5.5', 'PRIORITY-6', 'PRIORITY-1'],
      [],
    ],
    ['**Dependency**: Recommended after the apps (Priorities 5 & 6)', ['PRIORITY-5', 'PRIORITY-6'], []],
    ['**Dependencies**: US-001 through US-003', ['US-001', 'US-002', 'US-003'], []],
    ['**Dependencies**: US-001, 002', ['US-001', 'US-002'], []],
    ['**Dependencies**: US-001, 3 days of work', ['US-001'], ['3 days of work']],
    ['**Dependencies**: None (can start after US-001)', [], []],
    ['**Dependencies**: None', [], []],
    ['**Dependencies**: N/A', [], []],
    ['**Blocked By**: ✅ **NONE - Ready to start!** (US-001 is done)', [], []],
    ['**Dependencies**: None (parallel with US-001, US-002)', [], []],
    ['**Dependencies**: psutil (already installed), US-001', ['US-001'], ['psutil (already installed)']],
    ['**Dependencies**: US-001 (needed by US-002 too)', ['US-001'], []],
    ['**Dependencies**: ~~US-001~~ US-002', ['US-002'], []],
    ['**Dependencies**: US-999', [], ['US-999']],
    [
      '**Dependencies**: US-001 (a long remark\nthat goes on), US-002\nUS-003 is another sentence.',
      ['US-001', 'US-002'],
      [],
    ],
    ['**Dependencies**:\n- US-001 ✅\n- psutil (already installed)', ['US-001'], ['psutil (already installed)']],
    [
      '**Dependencies**:\n\n- ✅ US-001 (Lock) - COMPLETE\n- ✅ US-002 Phase 1\n\nThen US-003.',
      ['US-001', 'US-002'],
      [],
    ],
    ['**Dependencies**:\n- US-001\n  - helps US-002\n- US-003', ['US-001', 'US-003'], []],
    ['**Dependencies**:\n- None (US-001 can go on)', [], []],
    ['**Dependencies**:\n- US-001 may inform it (parallel work)', [], ['US-001 may inform it (parallel work)']],
    ['**Dependencies**:\n```toml\npsutil = "7" # US-001\n```', [], ['psutil = "7" # US-001']],
    ['**Dependencies**:\n**Notes**:\n- US-001', [], []],
    ['### Dependencies\n\n- US-001: the lock ✅\n\n### Notes\n- US-002', ['US-001'], []],
    ['### Dependencies\n\n**Requires US-001 Complete**:\n- it is needed', ['US-001'], []],
    ['- **Status**: 📝\n- **Dependencies**: US-001\n- **Files**: `a.ts`', ['US-001'], []],
    ['**Related**: US-001', [], []],
    ['```\n**Dependencies**: US-001\n```', [], []],
    ['**Status**: 📝 Planned (Depends on PRIORITY-28, 27)', ['PRIORITY-28', 'PRIORITY-27'], []],
    ['**Dépendances**: US-001', ['US-001'], []],
  ])('%s', (section, dependsOn, notes) => {
    const found = item(section);
    expect(found.dependsOn).toEqual(dependsOn);
    expect(found.notes).toEqual(notes);
  });

  test('stand in a heading, too', () => {
    expect(item('', 'US-100: The one ⏸️ Blocked (depends on US-002)').dependsOn).toEqual(['US-002']);
  });

  test('are reversed by **Blocks**', () => {
    const { items } = parse(
      '## US-001: A 📝\n**Blocks**: Phase 3 (US-002, US-003)\n## US-002: B 📝\n**Blocks**: None (parallel with US-003)\n## US-003: C 📝\n**Blocks**:\n- US-004 (why)\n- later work\n## US-004: D 📝\n',
    );
    expect(items.map(one => [one.id, one.dependsOn])).toEqual([
      ['US-001', []],
      ['US-002', ['US-001']],
      ['US-003', ['US-001']],
      ['US-004', ['US-003']],
    ]);
  });

  test('on strangers and on copies are reported by line', () => {
    const { items, problems } = parse(
      '## US-001: A 📝\n\n## US-001: B 📝\n\n## US-002: C 📝\n**Depends On**: US-001,\nUS-900\n**Blocked By**: US-901\n',
    );
    expect(items[2]?.dependsOn).toEqual(['US-001@1', 'US-001@3']);
    expect(problems.map(problem => [problem.line, problem.code])).toEqual([
      [3, 'duplicate'],
      [6, 'dependency'],
      [6, 'dependency'],
      [8, 'dependency'],
    ]);
  });

  test('an item that names itself waits for itself', () => {
    expect(parse('## US-001: A 📝\n**Dependencies**: US-001\n').items[0]?.dependsOn).toEqual(['US-001']);
  });
});

describe('scope', () => {
  const spec = '# Spec\n\n## Files\n- `src/spec.ts`\n- `docs/spec.md`\n';
  test.each([
    ['**Files**: `src/a.ts`, `src/b/`', 'known', ['src/a.ts', 'src/b/**']],
    ['**Scope**: `src/**/*.ts`', 'known', ['src/**/*.ts']],
    ['**Files**:\n- `src/a.ts` (new)\n- `./src/b.ts:12-40`', 'known', ['src/a.ts', 'src/b.ts']],
    ['**Files**: src/a.ts, tests/**', 'known', ['src/a.ts', 'tests/**']],
    ['**Files**: `src/{a,b}.ts`', 'known', ['src/{a,b}.ts']],
    ['**Files**: `Makefile`, `src`', 'known', ['Makefile', 'src']],
    ['### Scope\n\n**Files**: `src/a.ts`', 'known', ['src/a.ts']],
    ['- **Files**: `src/a.ts`\n- **Agent**: architect', 'known', ['src/a.ts']],
    ['**Files**: `../outside`, `/etc/passwd`, `https://x.y/z`', 'unknown', []],
    ['**Files**: `src/../../x`, `src/x/../y.ts`', 'known', ['src/y.ts']],
    ['**Scope**: only the client', 'unknown', []],
    [
      '**Deliverables**:\n- Create `src/feature1.py`\n- Add `calculate()` function\n- Create `tests/test_feature1.py`',
      'inferred',
      ['src/feature1.py', 'tests/test_feature1.py'],
    ],
    ['**Files to Modify**:\n- `src/a.py` (skills)\n\nSee `docs/guide.md`.', 'inferred', ['src/a.py', 'docs/guide.md']],
    ['It is about `src/core/` and `README.md`.', 'inferred', ['src/core/**', 'README.md']],
    ['Speak of `feature/x`, `origin/main`, `I/O`, `text/html`, `a.b.c`, `$HOME/x`, `npm run x`, `/US`', 'unknown', []],
    ['### Files to Modify\n\n**Backend**:\n- `src/a.ts`\n\n### Notes\n`src/old.ts`', 'inferred', ['src/a.ts']],
    ['**Related Documents**:\n- `docs/a.md`', 'unknown', []],
    ['**Deliverables**:\n- `src/new.ts`\n\n**Background**:\n- `src/old.ts`', 'inferred', ['src/new.ts']],
    ['```\nCreate `src/a.ts`\n```', 'unknown', []],
    ['- `.claude/skills/{name}/SKILL.md`', 'inferred', ['.claude/skills/*/SKILL.md']],
    ['**Technical Spec**: `docs/specs/SPEC-1.md`', 'inferred', ['src/spec.ts', 'docs/spec.md']],
    ['**Spec**: [the spec](docs/specs/SPEC-1.md#files)', 'inferred', ['src/spec.ts', 'docs/spec.md']],
    ['**Spec**: docs/specs/SPEC-1.md', 'inferred', ['src/spec.ts', 'docs/spec.md']],
    ['**Spec**: `docs/specs/missing.md`', 'unknown', []],
    ['**Spec**: `docs/specs/SPEC-1.md`\n\n- Create `src/own.ts`', 'inferred', ['src/own.ts']],
    ['**Naming**:\n- ✅ **Files**: `task_separator.py` (underscore)', 'inferred', ['task_separator.py']],
    ['**Status**: 📝 Planned\n**Agent**: architect\nBuild `src/a.ts`.', 'inferred', ['src/a.ts']],
    ['**Status**: 📝 Planned (see `docs/a.md`)', 'unknown', []],
    ['nothing', 'unknown', []],
  ])('%s', (section, kind, paths) => {
    const read = (path: string) => (path === 'docs/specs/SPEC-1.md' ? spec : null);
    expect(item(section, 'US-100: The one', read).scope).toEqual({ kind, paths });
  });

  test('a spec file without sections is read as well', () => {
    const read = () => '# SPEC-1: Technical specification\n\n- `src/spec.ts`\n';
    expect(item('**Spec**: docs/SPEC-1.md', 'US-100: The one', read).scope.paths).toEqual(['src/spec.ts']);
  });

  test('declared words that are no path inside the repository are reported', () => {
    const { problems } = parse('## US-001: A 📝\n\n**Files**: `src/a.ts`, `../b.ts`\n');
    expect(problems).toMatchObject([{ line: 3, code: 'scope' }]);
    expect(problems[0]?.message).toContain('`../b.ts`');
  });

  test('the spec file is not asked for where the section names paths', () => {
    item('**Spec**: `docs/specs/SPEC-1.md`\n**Files**: `a.ts`', 'US-100: The one', () => {
      throw new Error('asked');
    });
  });
});

describe('agent and effort', () => {
  test.each([
    ['', 'code_developer', null],
    ['**Agent**: architect', 'architect', null],
    ['**Owner**: `project_manager`', 'project_manager', null],
    ['**Agent**: **architect** (reviews)', 'architect', null],
    ['**Agent**: ux-design-expert, architect', 'ux-design-expert', null],
    ['**Owner**: Jane Doe', 'code_developer', null],
    ['**Agent**: architect\n**Agent program**: codex', 'architect', 'codex'],
    ['**Agent Role**: architect (skill)', 'code_developer', null],
  ])('%s', (section, agentType, agentProgram) => {
    expect(item(section)).toMatchObject({ agentType, agentProgram });
  });

  test.each([
    ['', {}],
    ['**Agent review**: yes', { after: ['review'] }],
    ['**Agent review**: `codex`', { after: ['review'], reviewAgent: 'codex' }],
    ['**Reviewed by agent**: none', { after: [] }],
    ['**Review**: by Jane', {}],
    ['**After**: US-002', {}],
  ])('who reviews it: %s', (section, expected) => {
    const { after, reviewAgent } = item(section);
    expect({ after, reviewAgent }).toEqual({ after: undefined, reviewAgent: undefined, ...expected });
  });

  test('an owner that is no agent type is reported', () => {
    const { problems } = parse('## US-001: A 📝\n**Owner**: Jane Doe\n');
    expect(problems).toMatchObject([{ line: 2, code: 'agent' }]);
  });

  test.each([
    ['**Estimated Effort**: 2-3 days', 20],
    ['**Effort**: 10-15 hours (2-3 days)', 12.5],
    ['**Estimate**: 0.5-1 day', 6],
    ['**Estimated Effort**: 5 story points (5-7 days)', 48],
    ['**Duration**: 1 day (4-8 hours)', 8],
    ['**Estimated Duration**: 1-2 weeks', 60],
    ['**Estimated Duration**: 1 month', 160],
    ['**Estimated Duration**: ~30 minutes', 0.5],
    ['**Effort**: 2 to 3 days', 20],
    ['**Effort**: 2,5 jours', 20],
    ['**Effort**: 3–5 days', 32],
    ['**Effort**: 4h', 4],
    ['**Effort**: 3d', 24],
    ['**Effort**: 8+ hours', 8],
    ['### Time Estimate\n\nAbout 2 days.', 16],
    ['**Effort**: Varies', null],
    ['**Effort**: 5 story points', null],
    ['**Effort**: X-Y days', null],
    ['### Phase 1\n**Estimated Time**: 2 days', null],
    ['**Priority**: HIGH | **Effort**: 2 days', 16],
    ['nothing', null],
  ])('%s', (section, hours) => {
    expect(item(section).estimateHours).toBe(hours);
  });
});

test('a group is the heading above that is no item, and never the title of the document', () => {
  const text = [
    '# Roadmap',
    '## US-001: First',
    '## Phase 1: **Setup**',
    '### US-002: Second',
    '#### Notes',
    '### US-003: Third',
    '## US-004: Fourth',
    '### US-005: Fifth',
  ].join('\n');
  expect(parse(text).items.map(({ id, group, source }) => [id, group, source])).toEqual([
    ['US-001', null, 'roadmap'],
    ['US-002', 'Phase 1: Setup', 'roadmap'],
    ['US-003', 'Phase 1: Setup', 'roadmap'],
    ['US-004', null, 'roadmap'],
    ['US-005', null, 'roadmap'],
  ]);
});
