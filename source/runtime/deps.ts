import type { RunId } from '../domain/ids.ts';
import type { Instance } from '../domain/instance.ts';
import type { Item } from '../domain/item.ts';
import type { Settings } from '../domain/settings.ts';
import type { AgentReader, ConversationPort, RunSignal } from '../ports/agents.ts';
import type { BranchesPort } from '../ports/branches.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { FleetPort } from '../ports/fleet/fleet.ts';
import type { Committer, GitPort } from '../ports/git.ts';
import type { JournalPort } from '../ports/journal.ts';
import type { LogsPort } from '../ports/logs.ts';
import type { DiskPort, MachinePort } from '../ports/machine.ts';
import type { OutsidePort } from '../ports/outside.ts';
import type { ProcessesPort, StartRequest } from '../ports/processes.ts';
import type { ReadingRequest } from '../ports/reading/reading-request.ts';
import type { ForgePort } from '../ports/remote/forge.ts';
import type { RemotePort } from '../ports/remote/upstream.ts';
import type { SourcesPort } from '../ports/sources.ts';
import type { ScopesPort, WorkPort } from '../ports/work.ts';

/** Live ends of logs, with the readers that make lines of them. */
export interface TrackedLogs extends LogsPort {
  /** `old`: it was said before we looked, by a run that we have adopted. `ended`: the log is read once and left as it is. */
  track(
    runId: RunId,
    runName: string,
    createReader: () => AgentReader,
    onSignal: (runId: RunId, signal: RunSignal, old: boolean) => void,
    options: { readonly fromStart: boolean; readonly ended?: boolean },
  ): void;
  /** Resolves when everything written so far has gone through the reader. */
  drain(runId: RunId): Promise<void>;
  untrack(runId: RunId): void;
  close(): void;
}

/** Makes an agent's command line, environment and prompt; knows the agent programs, which the runtime does not. */
export interface Launcher {
  launch(
    instance: Instance,
    item: Item | undefined,
    committer: Committer | null,
  ): Promise<{ readonly request: StartRequest; readonly sessionId: string | null }>;
  /** All that an agent on another machine is asked to do, in words. */
  prompt(instance: Instance, item: Item | undefined): Promise<string>;
  /** The command with which an agent reads finished work in its read-only mode, as far as such a mode of it is known. */
  read(request: ReadingRequest): Promise<StartRequest>;
  createReader(agent: string): AgentReader;
  /** One sentence for an exit code that the agent documents, else null. */
  explainExit(agent: string, exitCode: number): string | null;
  /** True where the agent works in a terminal of its own, with a person. */
  isInteractive(agent: string): boolean;
  /** Environment of `setup` and `checks` commands. */
  environment(instance: Instance): Readonly<Record<string, string>>;
}

/** The world, as the runtime is given it. */
export interface RuntimeDeps {
  /** Those of the start; the settings in force are the state's. */
  readonly settings: Settings;
  /** The branch that work lands on; null only for a reader, if none is known. */
  readonly target: string | null;
  readonly git: GitPort;
  readonly processes: ProcessesPort;
  readonly machine: MachinePort;
  readonly clock: ClockPort;
  readonly sources: SourcesPort;
  /** Null: a reader without the lock; it looks and computes, but states nothing and changes nothing. */
  readonly journal: JournalPort | null;
  /** Has `hear` called when somebody else wrote records into the journal, with how many were removed; never in the middle of a write. */
  readonly onForeignRecords?: (hear: (count: number) => void) => void;
  readonly logs: TrackedLogs;
  /** Looks at work in progress; missing: nobody does. */
  readonly work?: WorkPort;
  /** Looks at what agents were not to touch; missing: nobody does. */
  readonly outside?: OutsidePort;
  /** Undoes landings and exports work to other branches; missing: neither is possible. */
  readonly branches?: BranchesPort;
  /** Writes scopes into the ROADMAP; missing: nobody does. */
  readonly scopes?: ScopesPort;
  /** Asks the remote, and pushes to it; missing: nobody does. */
  readonly remote?: RemotePort;
  /** Opens and reads pull requests; missing: nobody does. */
  readonly forge?: ForgePort;
  /** Agents on other machines; missing: all run here. */
  readonly fleet?: FleetPort;
  /** Measures worktrees; missing: nobody does. */
  readonly disk?: DiskPort;
  readonly launcher: Launcher;
  /** Speaks with agents at work; missing: nobody can. */
  readonly conversation?: ConversationPort;
  /** It lives only as long as one command. */
  readonly oneShot?: boolean;
  /** Calls back when the target's ref may have moved. Returns the stop function. */
  readonly watchTarget: (onChange: () => void) => () => void;
}
