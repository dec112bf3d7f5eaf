import { violationsOf } from '../../coordinator/landing/queue-order.ts';
import type { State } from '../../coordinator/state/state.ts';
import type { Instance } from '../../domain/instance.ts';
import { commentPlace, noReview, pendingComments, type ReviewComment } from '../../domain/review/review.ts';
import { escapePath, sanitizeLine } from '../../domain/text/sanitize.ts';
import type { OpenLayer } from '../layer.ts';
import { line } from '../presentation/line.ts';
import { FormDialog } from './parts/form-dialog.tsx';

function initialMessage(state: State, instance: Instance): string {
  const found = [...violationsOf(state, instance), ...(instance.merge.warnings ?? [])].map(one => one.message);
  if (found.length === 0) return '';
  return sanitizeLine(`Revert what does not belong to your item: ${found.join('; ')}.`, 2000);
}

/** Asks what the agent should fix on a branch that cannot land as it is. Its violations and warnings are filled in already. */
export const openRequestFix: OpenLayer = (host, { instance }) => {
  if (instance === null) throw new Error('no branch to request a fix for');
  const pending = pendingComments(instance.review ?? noReview);
  const label =
    pending.length > 0 ? 'Sent together with the comments above (may be empty):' : 'What should the agent fix?';
  return new FormDialog(host, {
    title: `Request a fix for ${sanitizeLine(instance.key, 40)}`,
    fields: [{ label, kind: 'area', text: initialMessage(host.handle.state(), instance) }],
    above: pending.map(comment =>
      line(
        ` · ${commentPlace({ ...comment, path: escapePath(comment.path) })}${whose(comment)}: ${sanitizeLine(comment.text, 200)}`,
      ),
    ),
    note: 'You will review the result again.',
    submitWord: 'send',
    draft: `fix ${instance.runId}`,
    submit: ([message = '']) => {
      const comments = pending.map(({ id }) => id);
      if (message.trim() === '' && comments.length === 0) return 'Type what the agent should fix first. Esc goes back.';
      host.send({ type: 'resume', id: instance.runId, message, ...(comments.length === 0 ? {} : { comments }) });
      return null;
    },
  });
};

/** Who found it, where that was an agent. */
function whose({ by }: ReviewComment): string {
  return by === undefined ? '' : ` (${sanitizeLine(by, 60)})`;
}

/** Asks what an agent that has ended should do next. Nothing typed: it fixes what went wrong. */
export const openResume: OpenLayer = (host, { instance, state }) => {
  if (instance === null) throw new Error('no run to resume');
  const { runId, agent, key } = instance;
  return new FormDialog(host, {
    title: `Resume ${sanitizeLine(key, 40)}`,
    fields: [{ label: 'What should the agent do next? (empty: fix what went wrong)', kind: 'area' }],
    note: 'It continues in its worktree, in its session if it has one.',
    submitWord: 'resume',
    draft: `resume ${runId}`,
    submit: ([message = '']) => {
      if (state.settings.agents[agent]?.interactive === true) attach(message);
      else if (message.trim() === '') host.send({ type: 'retry', id: runId, inPlace: true });
      else host.send({ type: 'resume', id: runId, message });
      return null;
    },
  });

  /** An agent with a terminal of its own is resumed there, and shown. */
  function attach(message: string): void {
    void host.external({ type: 'attach', runId, message }).then(problem => {
      if (problem !== null) host.showMessage(problem, 'warning');
    });
  }
};
