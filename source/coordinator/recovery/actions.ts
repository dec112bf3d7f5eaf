import type { Oid, ProcessIdentity, RunId } from '../../domain/ids.ts';
import type { FoundLanding } from '../../domain/queue/landed-as.ts';
import type { RunStatus } from '../../ports/processes.ts';

/** What has to be done so that the state and the world agree again. */
export type ReconcileAction =
  | { readonly type: 'adopt'; readonly runId: RunId; readonly process: ProcessIdentity }
  | { readonly type: 'end'; readonly runId: RunId; readonly status: RunStatus }
  | { readonly type: 'resume-preparing'; readonly runId: RunId }
  | { readonly type: 'kill-again'; readonly runId: RunId }
  /** It has ended, and by the settings nothing of it may keep running. */
  | { readonly type: 'end-leftovers'; readonly runId: RunId; readonly text: string }
  /** It works where its worktree no longer is. */
  | { readonly type: 'stop-astray'; readonly runId: RunId; readonly reason: string }
  | { readonly type: 'judge'; readonly runId: RunId }
  /** Its branch is no longer what was approved. */
  | { readonly type: 'void-approval'; readonly runId: RunId; readonly reason: string }
  /** `found`: somebody else has landed it so. */
  | { readonly type: 'landed'; readonly runId: RunId; readonly commit: Oid; readonly found?: FoundLanding }
  | { readonly type: 'rebuild'; readonly runId: RunId; readonly reason: string }
  | { readonly type: 'unlanded'; readonly runId: RunId }
  /** An undo of it had begun, and its outcome is unknown. */
  | { readonly type: 'resume-undo'; readonly runId: RunId }
  /** Its own commits were to be replayed onto the target, and nobody has heard whether they were. */
  | { readonly type: 'resume-replay'; readonly runId: RunId }
  | { readonly type: 'resume-cleanup'; readonly runId: RunId }
  | { readonly type: 'pause-queue'; readonly reason: string }
  /** Something a person should know of, and nothing is done about. */
  | { readonly type: 'tell'; readonly runId: RunId | null; readonly text: string };
