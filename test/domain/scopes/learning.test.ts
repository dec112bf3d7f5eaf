import { describe, expect, test } from 'vitest';
import { fold, initialDurableState } from '../../../source/coordinator/fold/fold.ts';
import { reviewView } from '../../../source/coordinator/review/review-view.ts';
import { scopeFigures, widerScope } from '../../../source/domain/scope/set-scopes.ts';
import { reviewLines } from '../../../source/ui/presentation/review-lines.ts';
import { fakeInstance, fakeState, noon } from '../../helpers/core/fake-handle.ts';
import { knownScope, makeItem } from '../../helpers/core/planning.ts';
import { file } from '../../helpers/core/scene.ts';

const item = makeItem('US-001', { scope: knownScope('src/a.ts') });
const outside = (path: string) => ({ code: 'scope', path, message: `${path} is outside the item's scope` }) as const;
const run = fakeInstance('US-001', {
  state: 'blocked',
  scope: item.scope,
  endTime: noon,
  files: [file('src/a.ts'), file('src/b.ts'), file('ROADMAP.md')],
  merge: { violations: [outside('src/b.ts'), outside('ROADMAP.md')] },
});
const set = { priorityId: 'US-001', paths: ['src/a.ts', 'src/b.ts'], dependsOn: [], replaces: item.scope };

describe('a run that left its scope', () => {
  test('is offered a wider one, never with the ROADMAP in it', () => {
    expect(widerScope(item, run, 'ROADMAP.md')).toEqual(['src/a.ts', 'src/b.ts']);
    expect(widerScope(item, { ...run, merge: { ...run.merge, violations: [] } }, 'ROADMAP.md')).toBeNull();
    const state = fakeState({ instances: [run] });
    const roadmap = { path: 'ROADMAP.md', items: [item], problems: [] };
    const material = { itemText: null, summary: null, commits: [] };
    const view = reviewView({ ...state, roadmap }, run, material, { lines: [], files: [], hunks: [] }, 0);
    const text = reviewLines(view, { width: 100, accepted: false, all: false })
      .map(spans => spans.map(one => one.text).join(''))
      .join('\n');
    expect(text).toContain('   W widen the scope of US-001 to these files');
  });

  test('is inside once its item has the wider scope; everything else stays a violation', () => {
    const state = { ...initialDurableState, instances: [run] };
    const [after] = fold(state, { type: 'scopes-set', scopes: [set], at: 1 }).instances;
    expect(after?.merge.violations).toEqual([outside('ROADMAP.md')]);
    expect([after?.state, after?.scope.paths, after?.firstScope]).toEqual([
      'blocked',
      ['src/a.ts', 'src/b.ts'],
      item.scope,
    ]);
  });

  test('counts as having left it in the report, also after the scope was widened', () => {
    const widened = { ...run, scope: knownScope('src/a.ts', 'src/b.ts', 'ROADMAP.md'), firstScope: item.scope };
    const good = fakeInstance('US-002', { scope: knownScope('src/**'), endTime: noon, files: [file('src/x.ts')] });
    const unknown = fakeInstance('US-003', {
      scope: { kind: 'unknown', paths: [] },
      endTime: noon,
      files: [file('x')],
    });
    const idle = fakeInstance('US-004', { endTime: noon, files: [] });
    expect(scopeFigures([widened, good, unknown, idle])).toEqual({
      known: 2,
      kept: 1,
      unknown: 1,
      filesOutside: 2,
      left: ['US-001'],
    });
  });
});
