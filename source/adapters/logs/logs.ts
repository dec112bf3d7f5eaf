import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CmError } from '../../domain/errors.ts';
import type { RunId } from '../../domain/ids.ts';
import type { AgentReader, RunSignal } from '../../ports/agents.ts';
import type { LogLine, LogsPort } from '../../ports/logs.ts';
import { readRunRecord } from '../processes/run-folder.ts';
import { Follower } from './follower.ts';
import { openLogFile, type SearchableLog } from './log-file.ts';

const noLines: readonly LogLine[] = [];

export interface LogsOptions {
  /** The folder `runs/` of the state. */
  readonly runsDir: string;
  /**
   * Logs longer than this many bytes are moved to `.1`; null (the default): never. Only the coordinator that owns the repository
   * rotates, a viewer reads.
   */
  readonly rotateAbove?: number | null;
  /** Takes out of every line, verdict and activity what looks like a secret; the log itself keeps it. Default: nothing. */
  readonly redact?: (text: string) => string;
}

/** The logs of all runs: live ends of those that are tracked, and random access to any. */
export interface Logs extends LogsPort {
  /**
   * Follows a run's logs through a reader of its agent. Lines go to `tail`, everything else it says to `onSignal`: verdicts and
   * limits each, a session when it changes, usage and activity as they stand after each read. `fromStart`: the
   * whole log is read, though only its end is shown when it is long; otherwise the last 256 KiB. `ended`: the run has ended, its log is
   * read once and left as it is. A run is tracked once; again is a fresh start.
   */
  track(
    runId: RunId,
    runName: string,
    createReader: () => AgentReader,
    onSignal: (runId: RunId, signal: RunSignal, old: boolean) => void,
    options: { readonly fromStart: boolean; readonly ended?: boolean },
  ): void;
  /**
   * For a run that has ended: resolves when all it has written, an unfinished last line too, has gone through the reader and the
   * reader has said its last words. Its lines stay, its logs are followed no more.
   */
  drain(runId: RunId): Promise<void>;
  open(runId: RunId, stream: LogLine['stream']): Promise<SearchableLog>;
  /** Forgets the run and its lines. */
  untrack(runId: RunId): void;
  /** Stops everything. */
  close(): void;
}

export function createLogs(options: LogsOptions): Logs {
  const redact = options.redact ?? (text => text);
  const follower = new Follower(options.rotateAbove ?? null, redact);
  /** Names of run folders, by the id in their record. */
  const names = new Map<RunId, string>();

  return {
    track(runId, runName, createReader, onSignal, { fromStart, ended }) {
      names.set(runId, runName);
      follower.track(
        runId,
        join(options.runsDir, runName),
        createReader,
        (signal, old) => onSignal(runId, signal, old),
        fromStart,
        ended,
      );
    },
    drain: runId => follower.drain(runId),
    untrack: runId => follower.untrack(runId),
    close: () => follower.close(),
    tail: runId => follower.get(runId)?.ring.view() ?? noLines,
    lastOutput: runId => follower.get(runId)?.lastOutput ?? null,
    subscribe: listener => follower.subscribe(listener),
    open: (runId, stream) => open(options.runsDir, names, runId, stream, redact),
  };
}

async function open(
  runsDir: string,
  names: Map<RunId, string>,
  runId: RunId,
  stream: LogLine['stream'],
  redact: (text: string) => string,
): Promise<SearchableLog> {
  if (!names.has(runId)) findNames(runsDir, names);
  const name = names.get(runId);
  if (name === undefined) throw new CmError(`Run ${runId} has no log here: it was cleaned up, or ran elsewhere.`, 1);
  return openLogFile(join(runsDir, name, `${stream}.log`), stream, redact);
}

function findNames(runsDir: string, names: Map<RunId, string>): void {
  for (const name of readdirSync(runsDir)) {
    const record = readRunRecord(join(runsDir, name));
    if (record !== null) names.set(record.runId, name);
  }
}
