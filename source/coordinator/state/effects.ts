import type { Oid, ProcessIdentity, RunId } from '../../domain/ids.ts';
import type { ReadingPurpose } from '../../domain/review/reading.ts';
import type { Saying } from '../../ports/agents.ts';
import type { CommandAnswer } from '../../ports/commands.ts';
import type { CoordinatorEvent } from '../../ports/events.ts';

/**
 * What the core wants done. Data only: names and paths of a run stand in the state under its id. The runtime performs an effect
 * through the ports and posts its outcome back under `effectId`. `record` and `answer` are performed in order, before any other
 * effect of the same turn.
 */
export type Effect =
  | { readonly type: 'record'; readonly event: CoordinatorEvent }
  | { readonly type: 'answer'; readonly requestId: string; readonly answer: CommandAnswer }
  | { readonly type: 'process.watch'; readonly runId: RunId; readonly process: ProcessIdentity }
  | { readonly type: 'sources.read' }
  /** `fetch`: something was merged on the forge, and the remote is asked for it first. */
  | { readonly type: 'target.read'; readonly fetch?: true }
  /** Writes the scopes that were set for these items into the ROADMAP. */
  | { readonly type: 'scopes.write'; readonly priorityIds: readonly string[] }
  /** Nobody waits for the result of this branch's checks any more. */
  | { readonly type: 'checks.stop'; readonly runId: RunId }
  /** Nobody waits for this reading any more: its processes are ended. */
  | {
      readonly type: 'reading.stop';
      readonly runId: RunId;
      readonly purpose: ReadingPurpose;
      readonly number: number;
      readonly process: ProcessIdentity | null;
    }
  /** A word to a worker. */
  | { readonly type: 'fleet.tell'; readonly worker: string; readonly word: 'welcome' | 'drain' | 'work' | 'leave' }
  /** What the run left there is here: its worker may clean up. */
  | { readonly type: 'fleet.forget'; readonly runId: RunId; readonly epoch: number; readonly worker: string }
  | ({ readonly effectId: number; readonly runId: RunId } & (
      | { readonly type: 'git.createWorktree' }
      /** Copies ignored files and runs `setup`. */
      | { readonly type: 'worktree.setup' }
      | { readonly type: 'process.start' }
      | { readonly type: 'process.kill' }
      | { readonly type: 'agent.say'; readonly saying: Saying }
      /** Has an agent read what the run's `readings` name, or keeps waiting for it. */
      | { readonly type: 'agent.review' }
      | { readonly type: 'agent.judge' }
      | { readonly type: 'git.judge' }
      | { readonly type: 'git.predict'; readonly head: Oid }
      | { readonly type: 'git.prepare'; readonly head: Oid }
      /** Builds a candidate onto that of the branch which it is checked with. */
      | { readonly type: 'batch.prepare'; readonly head: Oid; readonly onto: Oid }
      /** Runs the checks that the branch's `merge.check` names, or keeps waiting for them. */
      | { readonly type: 'checks.run'; readonly candidate: Oid }
      /** Builds a candidate onto that of the branch before it, or before its approval, and runs its checks ahead of its turn. */
      | { readonly type: 'speculate.prepare'; readonly head: Oid; readonly onto: Oid }
      | { readonly type: 'speculate.check'; readonly candidate: Oid }
      /** `with`: the runs whose candidates lie between `base` and `candidate`; they land with it. */
      | {
          readonly type: 'git.land';
          readonly base: Oid;
          readonly candidate: Oid;
          readonly with?: readonly RunId[];
        }
      /** Moves the target from the landed commit to the one before it. */
      | { readonly type: 'git.undo'; readonly landed: Oid; readonly base: Oid }
      /** Puts the run's own commits onto its target; its branch stands at `head`. */
      | { readonly type: 'git.replay'; readonly head: Oid }
      /** Puts the candidate (null: one that is built for it) on a new branch. */
      | {
          readonly type: 'git.export';
          readonly head: Oid;
          readonly candidate: Oid | null;
          readonly branchName: string;
        }
      /** Pushes the branch and opens its pull request. */
      | { readonly type: 'forge.open'; readonly head: Oid }
      /** Reads what reviewers wrote on the forge. */
      | { readonly type: 'forge.comments'; readonly number: number }
      /** Puts a commit on a branch of the remote. */
      | { readonly type: 'git.push'; readonly branch: string; readonly commit: Oid }
      /** Writes the item's status line in a commit of its own. */
      | { readonly type: 'git.writeStatus' }
      | { readonly type: 'git.clean'; readonly confirmedLoss: readonly string[] }
      /** Removes worktree and branch whatever they hold. */
      | { readonly type: 'git.discard' }
      /** Offers the run to a pool. */
      | { readonly type: 'fleet.dispatch' }
      | { readonly type: 'fleet.cancel' }
      /** Brings its commits here; `late`: those of a run that had been given up, which get no branch. */
      | { readonly type: 'fleet.home'; readonly late?: true }
      /** Commits what the run left uncommitted; its branch stands at `head`. */
      | { readonly type: 'git.commitLeft'; readonly head: Oid }
      /** Brings worktree and branch back. */
      | { readonly type: 'git.restore'; readonly head: Oid; readonly saved: Oid | null }
    ));

/** The kinds of effect that have an outcome. */
export type EffectKind = Extract<Effect, { readonly effectId: number }>['type'];
