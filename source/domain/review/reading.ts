import { slugOfChecks } from '../checks.ts';
import type { AgentUsage } from '../cost/agent-usage.ts';
import type { Oid, ProcessIdentity, RunId } from '../ids.ts';

/** What an agent that changes nothing is asked of finished work: to review a branch, or to compare the runs of a race. */
export type ReadingPurpose = 'review' | 'judge';

/** One run of such an agent, under a process of its own that outlives us. */
export interface AgentReading {
  /** Counts those of this run, from 1. */
  readonly number: number;
  readonly agent: string;
  /** The commit that it reads. */
  readonly head: Oid;
  /** Of a comparison: which runs at which commits; absent: it reviews one branch. */
  readonly of?: string;
  /** In which of our integration worktrees. */
  readonly slot: number;
  /** Null until it is known. */
  readonly process: ProcessIdentity | null;
  /** Monotonic time of its start. */
  readonly startedUp: number | null;
  /** It has a result, or nobody waits for one any more. */
  readonly ended: boolean;
  /** Missing as long as it has not ended. `stopped`: by a person. `dropped`: what it read was no longer up for review. */
  readonly outcome?: ReadingOutcome;
  /** What it said on the whole, or why it gave no answer; sanitised. */
  readonly words?: string;
  readonly found?: number;
  /** It changed files of its worktree; they were thrown away. */
  readonly changed?: true;
  /** A limit or a trouble that passes was in its way: it is tried again then, milliseconds since 1970. */
  readonly until?: number;
  /** How often in a row that has happened. */
  readonly tries?: number;
}

export type ReadingOutcome = 'done' | 'failed' | 'stopped' | 'dropped';

/** The last reading of each purpose. */
export interface AgentReadings {
  readonly review?: AgentReading;
  readonly judge?: AgentReading;
  /** What all of them have used together. */
  readonly usage?: AgentUsage;
  /** How often findings went back to the run's own agent by themselves. */
  readonly rounds?: number;
}

export const readingPurposes: readonly ReadingPurpose[] = ['review', 'judge'];

/**
 * Its run id follows from what is read and how often, so that after a crash the very process that was started is found again, whether or
 * not its start was journaled.
 */
export function readingRunId(runId: RunId, purpose: ReadingPurpose, { number }: Pick<AgentReading, 'number'>): RunId {
  return `${purpose}-${runId}-${number}`;
}

/** Name of the folder in which its log is written. No slug has a dot in it. */
export function readingRunName(purpose: ReadingPurpose, slug: string): string {
  return `${purpose}.${slug}`;
}

/** Purpose and slug that such a name stands for; null where it names no reading. */
export function readingOfName(runName: string): { readonly purpose: ReadingPurpose; readonly slug: string } | null {
  const purpose = readingPurposes.find(one => runName.startsWith(`${one}.`));
  return purpose === undefined ? null : { purpose, slug: runName.slice(purpose.length + 1) };
}

/** A folder of checks or of a reading: it belongs to a run, and is none itself. */
export function isBesideRun(runName: string): boolean {
  return slugOfChecks(runName) !== null || readingOfName(runName) !== null;
}

/** Those of a run that are at work. */
export function readingsAtWork({ readings }: { readonly readings?: AgentReadings }): readonly ReadingPurpose[] {
  return readings === undefined ? [] : readingPurposes.filter(purpose => readings[purpose]?.ended === false);
}

/** How many agents read something now. Each takes a place, as a run does. */
export function countReadings(instances: readonly { readonly readings?: AgentReadings }[]): number {
  return instances.reduce((count, instance) => count + readingsAtWork(instance).length, 0);
}
