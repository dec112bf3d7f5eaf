import type { Oid, ProcessIdentity, RunId } from '../domain/instance.ts';
import type { CoordinatorEvent } from './events.ts';
import type { CommandAnswer } from './messages.ts';

/**
 * What the core wants done. Data only; the runtime performs it through the ports and posts the outcome back with the effect's id.
 * `record` and `answer` are performed at once and in order, before anything else goes on.
 */
export type Effect =
  | { readonly type: 'record'; readonly event: CoordinatorEvent }
  | { readonly type: 'answer'; readonly requestId: string; readonly answer: CommandAnswer }
  | {
      readonly type: 'git.createWorktree';
      readonly effectId: number;
      readonly runId: RunId;
      readonly slug: string;
      readonly branchName: string;
      readonly worktreePath: string;
      readonly target: string;
    }
  | { readonly type: 'worktree.setup'; readonly effectId: number; readonly runId: RunId; readonly worktreePath: string }
  | { readonly type: 'process.start'; readonly effectId: number; readonly runId: RunId }
  | {
      readonly type: 'process.watch';
      readonly runId: RunId;
      readonly runName: string;
      readonly process: ProcessIdentity;
    }
  | {
      readonly type: 'process.kill';
      readonly effectId: number;
      readonly runId: RunId;
      readonly runName: string;
      readonly process: ProcessIdentity | null;
    }
  | { readonly type: 'git.judge'; readonly effectId: number; readonly runId: RunId }
  | {
      readonly type: 'git.predict';
      readonly effectId: number;
      readonly runId: RunId;
      readonly head: Oid;
      readonly target: string;
    }
  | { readonly type: 'git.prepare'; readonly effectId: number; readonly runId: RunId; readonly head: Oid }
  | { readonly type: 'checks.run'; readonly effectId: number; readonly runId: RunId; readonly candidate: Oid }
  | {
      readonly type: 'git.land';
      readonly effectId: number;
      readonly runId: RunId;
      readonly base: Oid;
      readonly candidate: Oid;
    }
  | { readonly type: 'git.writeStatus'; readonly effectId: number; readonly runId: RunId }
  | {
      readonly type: 'git.clean';
      readonly effectId: number;
      readonly runId: RunId;
      readonly confirmedLoss: readonly string[];
    }
  | { readonly type: 'sources.read' }
  | { readonly type: 'target.read' };
