import type { Oid } from '../../domain/ids.ts';
import type { HookName } from '../../domain/queue/landing-style.ts';
import type { BranchesPort } from '../../ports/branches.ts';
import type { GitPort } from '../../ports/git.ts';
import type { OutsidePort } from '../../ports/outside.ts';
import type { RemotePort } from '../../ports/remote/upstream.ts';
import type { StatusWriter } from '../../ports/sources.ts';
import type { ScopesPort, SearchPort, WorkPort } from '../../ports/work.ts';
import type { Recovery } from './checkout/recover.ts';
import type { HooksFound } from './landing/hooks.ts';
import type { SignatureTrial } from './landing/signature.ts';
import type { ExportRequest } from './observing/export-files.ts';
import type { RepositoryLocation } from './plumbing/locate.ts';
import type { Obstacles, Upcoming } from './target/obstacles.ts';

export interface GitOptions {
  /** Any folder of the repository. */
  readonly root: string;
  /** Where it lies, when that is known already. */
  readonly place?: RepositoryLocation;
  /** Our state folder; null: `<git-common-dir>/cm-tui`. */
  readonly runtimeDir: string | null;
  /** The branch work lands on, where it is not simply the one checked out; only the preflight asks for it. */
  readonly target?: string | null;
  /** Whether commits are signed where git's configuration asks for it; `auto` by default. */
  readonly sign?: 'auto' | 'never';
  /** Hooks of the user's that landings run; none by default. */
  readonly landingHooks?: readonly HookName[];
  /** Whether submodules are checked out in the worktrees of runs and of checks; not by default. */
  readonly submodules?: boolean;
  /** Folder of the integration worktree; by default one of ours below `$XDG_STATE_HOME`. */
  readonly integrationDir?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Sets a status in a file of another form than our ROADMAP; absent: such files are left alone. */
  readonly setStatus?: StatusWriter;
  /** Milliseconds of silence after which a call of git counts as unanswered; ten minutes by default. */
  readonly timeoutMs?: number;
}

/** The port, and what the merge queue asks of git beyond it. */
export interface GitAdapter extends GitPort, WorkPort, BranchesPort, OutsidePort, SearchPort, ScopesPort {
  /** Names of the private refs that keep commits of runs; null where git cannot list them. */
  listPins(): Promise<readonly string[] | null>;
  /** Repairs the user's tree after a landing that was killed half-way; `land` does so by itself. */
  recoverLanding(): Promise<Recovery>;
  /** The branch that a name for the target stands for; see `resolveTarget` in plumbing/target.ts. */
  resolveTarget(name: string | null): Promise<string | null>;
  /** What is in the way of a landing on a branch now; see `landingObstacles` in target/obstacles.ts. */
  landingObstacles(target: string, upcoming: readonly Upcoming[]): Promise<Obstacles>;
  /** The commit at which two branches part; null: they share none, or git cannot tell. */
  mergeBase(one: Oid, other: Oid): Promise<Oid | null>;
  /** Files as they stand on the target, written below a folder of ours; for a repository without a work tree. */
  exportFiles(request: ExportRequest): Promise<Oid | null>;
  /** What of the repository's configuration and hooks can run programs, with digests. */
  readExecutables(): Promise<Readonly<Record<string, string>>>;
  readonly remote: RemotePort;
  /** What undoes several commits at once, as one commit on top of them. */
  reverseCommit(request: { readonly from: Oid; readonly to: Oid; readonly title: string }): Promise<Oid>;
  /** The user's own hooks, and whether new worktrees have them. */
  findHooks(): Promise<HooksFound>;
  /** Makes one signature, as a landing would. */
  trySignature(): Promise<SignatureTrial>;
  /** True where what is committed here is to be signed. */
  wantsSignature(): Promise<boolean>;
}

/** What is answered from files, or at once. */
export type EarlyGit = Pick<
  GitAdapter,
  'resolveTarget' | 'targetTip' | 'watchStash' | 'keepOutside' | 'keptOutside' | 'forgetOutside' | 'workStamp'
>;

/** What starts git, or works for longer; nobody who asks for it waits for the code of it alone. */
export type LateGit = Required<Omit<GitAdapter, keyof EarlyGit>>;
