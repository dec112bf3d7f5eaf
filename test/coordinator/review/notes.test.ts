import { describe, expect, it } from 'vitest';
import { replay } from '../../../source/coordinator/update.ts';
import { commentMessage, pendingComments, type ReviewComment } from '../../../source/domain/review/review.ts';
import type { CoordinatorEvent } from '../../../source/ports/events.ts';
import { makeItem } from '../../helpers/core/planning.ts';
import { agent, goodBranch, head, oid, Scene } from '../../helpers/core/scene.ts';

const lines = { path: 'source/a.ts', side: 'new', from: 12, to: 13, quote: ['+one', '+two'], head } as const;

function reviewed(): Scene {
  const one = new Scene([makeItem('US-001')]);
  one.ready();
  one.predicted();
  return one;
}

function comment(one: Scene, text: string, more: Partial<ReviewComment> = {}) {
  return one.command({ type: 'comment', id: 'US-001', comment: { ...lines, ...more, text } });
}

const commentsOf = (one: Scene) => one.run().review?.comments ?? [];

describe('comments on lines', () => {
  it('are kept with the run, across a restart, and approve and start nothing', () => {
    const one = reviewed();
    const told = comment(one, 'Why?\u001b[31m');
    expect(told.effects).toEqual([]);
    expect(told.answer).toMatchObject({ ok: true });
    const [fact] = told.facts;
    if (fact?.type !== 'comment-written') throw new Error('no comment was written');
    expect(fact.comment).toEqual({ ...lines, id: 'c1', text: 'Why?', at: one.at, sentAt: null });
    const again = replay([{ ...fact, at: one.at } as CoordinatorEvent], {
      ...one.state,
      instances: one.state.instances,
    });
    expect(again.instances[0]?.review?.comments).toHaveLength(1);
    expect(one.run().state).toBe('awaiting-approval');
  });

  it('are sent together, as one message with path, lines, quoted lines and text, and only once', () => {
    const one = reviewed();
    comment(one, 'Second', { path: 'source/b.ts', from: 3, to: 3, side: 'old', quote: ['-gone'] });
    comment(one, 'First\nof two lines');
    const ids = pendingComments(one.run().review ?? { viewed: {}, comments: [] }).map(({ id }) => id);
    const told = one.command({ type: 'resume', id: 'US-001', message: 'Please look again.', comments: ids });
    const [resumed, sent] = told.facts;
    expect(resumed).toMatchObject({ type: 'instance-resumed' });
    if (resumed?.type !== 'instance-resumed') throw new Error('it was not resumed');
    expect(resumed.message.split('\n')).toEqual([
      'Please look again.',
      '',
      `2 comments from the review of roadmap-001 at ${head.slice(0, 10)}. Line numbers are those of that commit.`,
      '',
      'source/a.ts:12-13',
      '> +one',
      '> +two',
      'First',
      'of two lines',
      '',
      'source/b.ts:3 (removed)',
      '> -gone',
      'Second',
    ]);
    expect(sent).toMatchObject({ type: 'comments-sent', ids: ['c2', 'c1'] });
    expect(commentsOf(one).map(({ sentAt }) => sentAt)).toEqual([one.at, one.at]);
    expect(told.effects).toMatchObject([{ type: 'process.start' }]);
    const { runId } = one.run();
    one.answer('process.start', { type: 'started', runId, process: agent, sessionId: null });
    one.send({ type: 'process-ended', runId, status: { status: 'exited', exitCode: 0, endTime: 950 } });
    one.answer('git.judge', { type: 'judged', runId, facts: goodBranch({ head: oid('9') }), result: null });
    expect(commentsOf(one)).toHaveLength(2);
    const next = one.command({ type: 'resume', id: 'US-001', message: 'Again', comments: ids });
    expect(next.facts).toMatchObject([{ type: 'instance-resumed', message: 'Again' }]);
  });

  it('that could not be sent stay to be sent', () => {
    const one = reviewed();
    comment(one, 'Why?');
    one.command({ type: 'approve', id: 'US-001' });
    const { answer, facts } = one.command({ type: 'resume', id: 'US-001', message: '', comments: ['c1'] });
    expect(answer).toMatchObject({ ok: false });
    expect(facts).toEqual([]);
    expect(commentsOf(one)[0]?.sentAt).toBeNull();
  });

  it('that are too long together are refused, never cut', () => {
    const one = reviewed();
    comment(one, 'x'.repeat(9_000));
    comment(one, 'y'.repeat(9_000));
    comment(one, 'z'.repeat(9_000));
    const { answer, facts } = one.command({ type: 'resume', id: 'US-001', message: '', comments: ['c1', 'c2', 'c3'] });
    expect(answer).toMatchObject({ ok: false, message: expect.stringContaining('at most 20000') });
    expect(facts).toEqual([]);
  });

  it('can be changed and removed until they are sent', () => {
    const one = reviewed();
    comment(one, 'Why?');
    one.command({ type: 'comment', id: 'US-001', commentId: 'c1', comment: { ...lines, text: 'Because' } });
    expect(commentsOf(one).map(({ text }) => text)).toEqual(['Because']);
    one.command({ type: 'uncomment', id: 'US-001', commentId: 'c1' });
    expect(commentsOf(one)).toEqual([]);
    expect(one.command({ type: 'uncomment', id: 'US-001', commentId: 'c1' }).answer).toMatchObject({ ok: false });
    expect(comment(one, '  ').answer).toMatchObject({ ok: false });
  });

  it('without further words are the whole message; words without comments stay as they are', () => {
    expect(commentMessage(' Do it. ', 'b', [])).toBe('Do it.');
    const one = { ...lines, id: 'c1', text: 'Why?', at: 0, sentAt: null };
    expect(commentMessage('', 'b', [one])).toMatch(/^A comment from the review of b at /);
  });
});

describe('viewed marks', () => {
  it('are kept until they are taken back, and survive a new judgement', () => {
    const one = reviewed();
    one.command({ type: 'mark-viewed', id: 'US-001', path: 'source/a.ts', mark: 'm1' });
    expect(one.command({ type: 'mark-viewed', id: 'US-001', path: 'source/a.ts', mark: 'm1' }).facts).toEqual([]);
    expect(one.run().review?.viewed).toEqual({ 'source/a.ts': 'm1' });
    one.command({ type: 'mark-viewed', id: 'US-001', path: 'source/a.ts', mark: null });
    expect(one.run().review?.viewed).toEqual({});
  });
});
