import { describe, expect, it } from 'vitest';
import type { Prediction } from '../../../source/ports/git.ts';
import { newsBetween } from '../../../source/ui/terminal/title.ts';
import { makeItem } from '../../helpers/core/planning.ts';
import { base, head, oid, Scene } from '../../helpers/core/scene.ts';

const clean = { outcome: 'clean', base, head, tree: oid('e') } as const;
const conflict = { outcome: 'conflict', base, head, paths: ['a.txt'] } as const;

/** A scene, its news so far, and everything the bell has rung for. */
function stage() {
  const one = new Scene([makeItem('US-001')]);
  one.ready();
  const { runId } = one.judged();
  let seen = one.state;
  const rung: string[] = [];
  const listen = () => {
    rung.push(...newsBetween(seen, one.state));
    seen = one.state;
  };
  const notices = () => one.state.notices.map(({ text }) => text);
  const predict = (result: Prediction) => {
    one.answer('git.predict', { type: 'predicted', runId, head, result });
    listen();
  };
  return { one, runId, rung, notices, predict };
}

describe('what is said of a finished branch', () => {
  it('is nothing until its trial merge is known, then that it is ready for review, once', () => {
    const { notices, rung, predict } = stage();
    expect(notices()).toEqual([]);
    predict(clean);
    expect(notices()).toEqual(['US-001 is ready for review']);
    expect(rung).toEqual(['US-001 is ready for review']);
  });

  it('is that it conflicts, once and by its key, and never that it is ready', () => {
    const { one, notices, rung, predict } = stage();
    predict(conflict);
    one.send({ type: 'target-moved', tip: base });
    expect(notices()).toEqual(['US-001 conflicts with main: a.txt']);
    expect(rung).toEqual(['US-001 conflicts with the target']);
    expect(one.state.notices[0]).toMatchObject({ level: 'warning' });
  });

  it('is that it conflicts once the target has moved, and that it is ready again after that', () => {
    const { one, notices, predict } = stage();
    predict(clean);
    one.send({ type: 'target-moved', tip: oid('7') });
    predict({ ...conflict, base: oid('7') });
    one.send({ type: 'target-moved', tip: oid('8') });
    predict({ ...clean, base: oid('8') });
    expect(notices()).toEqual([
      'US-001 is ready for review',
      'US-001 conflicts with main: a.txt',
      'US-001 is ready for review',
    ]);
  });

  it('says so where git cannot tell how it merges', () => {
    const { notices, rung, predict } = stage();
    predict({ outcome: 'unknown', message: 'no' });
    expect(notices()).toEqual(['US-001 is ready for review; the trial merge with main failed']);
    expect(rung).toEqual(['US-001 is ready for review']);
  });
});
