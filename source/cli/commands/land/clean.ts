import { setTimeout as sleep } from 'node:timers/promises';
import { connectControl } from '../../../adapters/socket/client.ts';
import type { DurableState } from '../../../coordinator/state/state.ts';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import type { RunId } from '../../../domain/ids.ts';
import type { Instance } from '../../../domain/instance.ts';
import { describeState } from '../../../domain/state-labels.ts';
import { escapePath, sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { CleanProbe } from '../../../ports/git.ts';
import { bytes, duration } from '../../../ui/presentation/time.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeError, writeLine } from '../../output/output.ts';
import { askYes, canAsk } from '../../output/prompt.ts';
import { refuseSilence } from '../../output/silent-git.ts';
import { openReader } from '../../session/compose.ts';
import { type Context, openContext } from '../../session/context.ts';
import { readJournal } from '../../session/journal/open-journal.ts';
import { durableOf } from '../../session/journal/rebuild-journal.ts';
import { type Session, withSession } from '../../session/session.ts';

interface CleanOptions extends GlobalOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** A run that still has its worktree, and what removing it would lose. */
export interface Leftover {
  readonly instance: Instance;
  readonly probe: CleanProbe;
  /** Files that are in no commit: untracked and ignored ones. */
  readonly losses: readonly string[];
}

const pollMs = 50;

/**
 * `cm-tui clean`: removes worktrees and branches of landed work, and of runs that hold nothing. It lists first and asks. `--yes` answers only for what loses nothing;
 * files that are in no commit go only after a separate yes on the terminal. Without terminal and `--yes` it only lists.
 */
export async function cleanCommand(options: CleanOptions): Promise<ExitCode> {
  const context = await openContext(options);
  const leftovers = await survey(context);
  if (leftovers.length === 0) {
    writeLine('No landed work to clean up.');
    return 0;
  }
  const holding = leftovers.filter(holdsWork);
  const spare = leftovers.filter(one => !holding.includes(one));
  for (const leftover of spare) list(leftover);
  if (holding.length > 0) writeLine('These hold work that has not landed. "cm-tui discard ID" removes one of them:');
  for (const leftover of holding) list(leftover);
  if (options.dryRun === true) return 0;
  const chosen = await choose(
    spare.filter(({ probe }) => probe.obstacles.length === 0),
    options.yes === true,
  );
  const code = chosen.length === 0 ? 0 : await remove(context, chosen, options);
  // Without a terminal and an answer it was only a list.
  if (options.yes !== true && !canAsk()) return code;
  return spare.every(one => chosen.includes(one)) ? code : 1;
}

/** It has not landed, and has commits of its own or files in no commit: no yes to a list of many removes it. */
function holdsWork({ instance, probe }: Leftover): boolean {
  return instance.state !== 'merged' && probe.obstacles.length + probe.untracked.length > 0;
}

/** Asks the running coordinator, or inspects without taking the lock. */
export async function survey(context: Context): Promise<readonly Leftover[]> {
  const client = await connectControl(context.stateDir);
  if (client !== null) {
    try {
      return joined((await client.state()).instances, await client.probeClean());
    } finally {
      client.close();
    }
  }
  const reader = await openReader(context);
  try {
    return joined(reader.state().instances, await reader.probeClean());
  } finally {
    reader.stop('inspected');
  }
}

function joined(instances: readonly Instance[], probes: readonly CleanProbe[]): readonly Leftover[] {
  return probes.flatMap(probe => {
    const instance = instances.find(({ runId }) => runId === probe.runId);
    return instance === undefined ? [] : [{ instance, probe, losses: [...probe.untracked, ...probe.ignored] }];
  });
}

/** The words before what is not committed, what is ignored, and what else speaks of a run. */
export interface ListWords {
  readonly untracked: string;
  readonly ignored: string;
  readonly obstacle: string;
}

const cleaning: ListWords = { untracked: 'would be lost', ignored: 'would be lost', obstacle: 'kept' };

export function list({ instance, probe }: Leftover, words: ListWords = cleaning): void {
  const { key, worktreePath, branchName, endTime, requestedAt } = instance;
  const age = `${duration(Math.max(0, Date.now() - (endTime ?? requestedAt)))} old`;
  writeLine(`${key}  ${escapePath(worktreePath)}  ${bytes(probe.size)}  branch ${branchName}  ${age}`);
  if (instance.state !== 'merged') writeLine(`    ${describeState(instance.state, instance.reason)}`);
  for (const path of probe.untracked) writeLine(`    ${words.untracked}: ${escapePath(path)} (untracked)`);
  for (const path of probe.ignored) writeLine(`    ${words.ignored}: ${escapePath(path)} (ignored)`);
  for (const reason of probe.obstacles) writeLine(`    ${words.obstacle}: ${sanitizeLine(reason, 400)}`);
}

/** Which of the removable ones to remove. */
async function choose(free: readonly Leftover[], yes: boolean): Promise<readonly Leftover[]> {
  const lossless = free.filter(({ losses }) => losses.length === 0);
  const losing = free.filter(({ losses }) => losses.length > 0);
  if (yes) {
    if (losing.length > 0) {
      writeError(`${names(losing)} kept: --yes never deletes files. Run "cm-tui clean" in a terminal to decide.`);
    }
    return lossless;
  }
  if (!canAsk()) {
    if (free.length > 0) {
      writeError('Nothing removed. Run "cm-tui clean --yes", or "cm-tui clean" in a terminal.');
    }
    return [];
  }
  const chosen: Leftover[] = [];
  if (
    lossless.length > 0 &&
    (await askYes(`Remove worktree and branch of ${names(lossless)}? Nothing will be lost.`))
  ) {
    chosen.push(...lossless);
  }
  for (const leftover of losing) {
    const count = leftover.losses.length;
    const what = count === 1 ? 'the file' : `the ${count} files`;
    if (await askYes(`Remove ${leftover.instance.key} and permanently LOSE ${what} listed above?`))
      chosen.push(leftover);
  }
  return chosen;
}

function names(leftovers: readonly Leftover[]): string {
  return leftovers.map(({ instance }) => instance.key).join(', ');
}

async function remove(context: Context, chosen: readonly Leftover[], options: GlobalOptions): Promise<ExitCode> {
  const ids = chosen.map(({ instance }) => instance.runId);
  // Exactly the files that were shown: a file added since keeps its worktree.
  const confirmedLoss = Object.fromEntries(
    chosen.filter(({ losses }) => losses.length > 0).map(({ instance, losses }) => [instance.runId, losses]),
  );
  const after = await withSession(options, async session => {
    const answer = await session.send({ type: 'clean', ids, confirmedLoss });
    if (!answer.ok) throw new CmError(answer.message);
    return untilDone(context, ids, session);
  });
  let kept = 0;
  for (const { instance } of chosen) {
    const now = after.instances.find(({ runId }) => runId === instance.runId);
    if (now?.state === 'cleaned' || now?.removed !== undefined) {
      writeLine(`${instance.key} cleaned up.`);
    } else {
      kept++;
      writeError(`${instance.key} not removed: ${lastNotice(after, instance.runId)}`);
    }
  }
  return kept === 0 ? 0 : 1;
}

/** Waits until none of these runs is being cleaned up. The journal has the outcome, whoever did it. */
export async function untilDone(
  context: Context,
  runIds: readonly RunId[],
  session: Pick<Session, 'state'>,
): Promise<DurableState> {
  for (;;) {
    const durable = durableOf(await readJournal(context));
    if (!runIds.some(runId => durable.cleaning.includes(runId))) return durable;
    refuseSilence(await session.state());
    await sleep(pollMs);
  }
}

export function lastNotice({ notices }: DurableState, runId: RunId): string {
  const text = notices.findLast(notice => notice.runId === runId)?.text;
  return text === undefined ? 'run "cm-tui clean --dry-run" to see why.' : sanitizeLine(text, 1000);
}
