import type { ResourceStatus } from '../../domain/capacity.ts';
import type { FleetMembers } from '../../domain/fleet/remote-run.ts';
import type { Oid, RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import type { Item, Roadmap, SourceProblem } from '../../domain/item.ts';
import type { Ownership } from '../../domain/ownership/ownership.ts';
import type { Plan } from '../../domain/plan-types.ts';
import type { Suspicion } from '../../domain/queue/batch.ts';
import type { EarlyFindings } from '../../domain/queue/gate.ts';
import type { SetScopes } from '../../domain/scope/set-scopes.ts';
import type { Settings } from '../../domain/settings.ts';
import type { Command } from '../../ports/commands.ts';
import type { WorkerSeen } from '../../ports/fleet/fleet.ts';
import type { RepositoryFacts } from '../../ports/git.ts';
import type { Upstream } from '../../ports/remote/upstream.ts';
import type { EffectKind } from './effects.ts';

export interface Notice {
  readonly at: number;
  readonly level: 'info' | 'warning' | 'error';
  /** Sanitised, one sentence. */
  readonly text: string;
  readonly runId: RunId | null;
}

/** Two pieces of work that would conflict if both landed as they are now. */
export interface RadarPair {
  readonly a: RunId;
  /** Null: the target itself. */
  readonly b: RunId | null;
  /** Paths that conflict, raw; null: git cannot tell. */
  readonly paths: readonly string[] | null;
}

/** The fold of the journal. Everything a crash must not lose stands here and nowhere else. */
export interface DurableState {
  /** When the present coordinator, or the last one, was started; 0: never. */
  readonly startedAt: number;
  readonly mode: 'auto' | 'manual';
  readonly paused: boolean;
  readonly queuePaused: string | null;
  readonly target: string | null;
  /** In the order in which they were requested. */
  readonly instances: readonly Instance[];
  readonly adHoc: readonly Item[];
  /** When ad-hoc items were added, by id, in milliseconds since 1970; missing: an older version added them. */
  readonly addedAt?: Readonly<Record<string, number>>;
  /** The highest number that an ad-hoc item ever had; missing: none. */
  readonly lastTask?: number;
  readonly pins: readonly string[];
  /** Runs whose status line still has to be written in a commit of its own. */
  readonly pendingStatus: readonly RunId[];
  /** Runs whose worktree and branch are being removed. */
  readonly cleaning: readonly RunId[];
  /** Agent program → time until which it reported a rate limit. */
  readonly cooldowns: Readonly<Record<string, number>>;
  /** Those of them that are for a trouble of the service, not for a rate limit. */
  readonly troubled?: Readonly<Record<string, true>>;
  readonly notices: readonly Notice[];
  /** Changes outside the worktrees that were reported as an alarm → their stamp then; each is reported once. */
  readonly outside?: Readonly<Record<string, string>>;
  /** Settings files as a person is known to have written or accepted them: name → digest. Missing: nobody has looked yet. */
  readonly sealed?: Readonly<Record<string, string>>;
  /** The group whose items alone the work loop starts; null or missing: all. */
  readonly onlyGroup?: string | null;
  /** Workers on other machines; missing: a person has accepted none. */
  readonly fleet?: FleetMembers;
  /** Scopes that a person has set and their source does not tell (yet): item id → scope. Missing: none. */
  readonly scopes?: SetScopes;
  /** Branches whose checks failed together; missing or null: none. */
  readonly suspects?: Suspicion | null;
}

/** What is observed or under way; rebuilt after every start. */
export interface State extends DurableState {
  /** `reader`: it looks and concludes without the lock, and decides nothing. */
  readonly role: 'owner' | 'reader';
  readonly settings: Settings;
  readonly repository: RepositoryFacts | null;
  readonly targetTip: Oid | null;
  /** Where the target stands beside its remote; null: it has none; missing: nobody has looked. */
  readonly upstream?: Upstream | null;
  readonly roadmap: Roadmap;
  readonly ownership: Ownership;
  readonly ownershipProblems: readonly SourceProblem[];
  readonly resources: ResourceStatus;
  readonly plan: Plan;
  /** Effects under way: effect id → what for. An outcome whose id is not here is stale. */
  readonly inFlight: Readonly<Record<number, { readonly kind: EffectKind; readonly runId: RunId | null }>>;
  readonly nextEffectId: number;
  /** Runs whose status line could not be written since the target or the ROADMAP last moved. */
  readonly statusTried: readonly RunId[];
  /** Looks in a row to which git gave no answer; missing: it answered the last one. */
  readonly gitSilent?: number;
  /** Runs whose landing could not be undone since the start. */
  readonly undoTried: readonly RunId[];
  /** Approved branches in the order in which they will land; missing: nobody has worked it out. */
  readonly queueOrder?: readonly RunId[];
  /** Branches that can not land as they are: at which head, on which tip, and in which way that was found. */
  readonly landTried?: Readonly<Record<RunId, string>>;
  /** Branches that were tried on top of others to be checked with them: at which head, and onto which candidate. */
  readonly batchTried?: Readonly<Record<RunId, string>>;
  /** What was last tried ahead of its turn. */
  readonly speculated?: { readonly runId: RunId; readonly onto: Oid; readonly head: Oid };
  /** Branches that were merged in a trial for checks before their approval: onto which tip, and at which head. */
  readonly earlyTried?: Readonly<Record<RunId, string>>;
  /** Conflicts between work in progress; missing: nobody has looked. */
  readonly radar?: readonly RadarPair[];
  /** What the gate would object to, or warn of, if running runs ended now; missing: not inspected yet. */
  readonly early?: Readonly<Record<RunId, EarlyFindings>>;
  /** Commands that a person has allowed for good since the start, by agent; the settings say the same to the next one. Missing: none. */
  readonly allowed?: Readonly<Record<string, readonly string[]>>;
  /** Runs that have printed nothing for as long as `holdSilent` says; missing: none. */
  readonly silent?: readonly RunId[];
  /** Runs whose end the runtime watches for. */
  readonly watched: readonly RunId[];
  /** Items whose scopes are being written into their source; missing: none. */
  readonly scopesWriting?: readonly string[];
  /** Items whose scopes were set since the start and could not be written there; missing: none. */
  readonly scopesUnwritten?: readonly string[];
  /** Workers that were heard of; missing: nobody listens. */
  readonly machines?: readonly WorkerSeen[];
  readonly sourcesRead: boolean;
  /** It lives only as long as one command: what waits is left to a coordinator that stays. */
  readonly oneShot?: true;
  /** True once the state has been compared with git and processes after the start. */
  readonly reconciled: boolean;
  /** True once repository, sources and recovery have been read: before that nothing is spawned or landed. */
  readonly ready: boolean;
  /** Commands given before that, in order: they are carried out, and answered, once it is ready. */
  readonly kept: readonly { readonly requestId: string; readonly command: Command }[];
  /** Why the repository could not be read at the start, in one sentence; null: it could, or has not been tried yet. */
  readonly startProblem: string | null;
}
