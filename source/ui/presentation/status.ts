import type { RowStatus } from '../../coordinator/state/selectors.ts';
import type { Instance } from '../../domain/instance.ts';
import { coversCandidate } from '../../domain/queue/merge-entry.ts';
import { shownState } from '../../domain/state-labels.ts';
import type { Tone } from './line.ts';

/** How a state looks: never by colour alone. Glyphs are one column wide in every terminal. */
export interface Status {
  readonly glyph: string;
  readonly word: string;
  readonly tone: Tone;
}

/** Columns of the longest `glyph word`. */
export const statusWidth = 13;

function status(glyph: string, word: string, tone: Tone): Status {
  return { glyph, word, tone };
}

const statuses: Readonly<Record<RowStatus, Status>> = {
  pending: status('◔', 'pending', 'running'),
  preparing: status('◔', 'preparing', 'running'),
  running: status('●', 'running', 'running'),
  stopping: status('◑', 'stopping', 'warning'),
  completed: status('◒', 'finished', 'hint'),
  failed: status('✗', 'failed', 'danger'),
  cancelled: status('⊘', 'cancelled', 'dim'),
  interrupted: status('✗', 'interrupted', 'danger'),
  'awaiting-approval': status('◆', 'to review', 'hint'),
  queued: status('◇', 'queued', 'hint'),
  checking: status('◈', 'checking', 'running'),
  landing: status('▲', 'landing', 'running'),
  merged: status('✓', 'landed', 'success'),
  cleaned: status('✓', 'landed', 'success'),
  reverted: status('↩', 'reverted', 'warning'),
  discarded: status('⊘', 'discarded', 'dim'),
  conflict: status('✗', 'conflict', 'danger'),
  'checks-failed': status('✗', 'red checks', 'danger'),
  blocked: status('■', 'blocked', 'warning'),
  'no-work': status('–', 'no commits', 'warning'),
  asks: status('?', 'asks', 'danger'),
  'needs-attention': status('!', 'needs you', 'danger'),
  rejected: status('⊘', 'rejected', 'dim'),
  ready: status('○', 'ready', 'success'),
  waiting: status('◌', 'waits', 'dim'),
  planned: status('◌', 'planned', 'dim'),
  'in-progress': status('~', 'in progress', 'plain'),
  complete: status('✓', 'complete', 'dim'),
  'on-hold': status('‖', 'on hold', 'dim'),
  'manual-review': status('?', 'review', 'warning'),
  testing: status('~', 'testing', 'plain'),
  'was-failed': status('✗', 'failed', 'warning'),
  'was-cancelled': status('⊘', 'cancelled', 'dim'),
  unknown: status('·', 'no status', 'dim'),
};

export function statusOf(state: RowStatus): Status {
  return statuses[state];
}

/** What the merge queue says about a branch: while it needs approval, the prediction for its merge. */
export function queueStatus(instance: Instance): Status {
  if (instance.state !== 'awaiting-approval') return statuses[shownState(instance)];
  const { prediction, violations, warnings = [], checks, candidate } = instance.merge;
  if (prediction === 'conflict') return statuses.conflict;
  const isRed = checks?.outcome === 'failed' && candidate !== null && coversCandidate(checks, candidate);
  if (isRed) return statuses['checks-failed'];
  if (violations.length > 0) return status('!', violations.length === 1 ? 'violation' : 'violations', 'warning');
  if (prediction === 'empty') return status('–', 'no changes', 'warning');
  if (prediction === 'clean' && warnings.length > 0)
    return status('!', warnings.length === 1 ? 'warning' : 'warnings', 'warning');
  if (instance.merge.tried === true) return status('?', 'untested', 'warning');
  return prediction === 'clean' ? status('✓', 'clean', 'success') : status('◆', 'predicting', 'dim');
}
