import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { locateRepository, quickLocation } from '../../adapters/git/index.ts';
import { readRunRecords } from '../../adapters/processes/run-folder.ts';
import { callerOf } from '../../adapters/processes/table/callers.ts';
import { nativeSystem } from '../../adapters/system/system.ts';
import { runRefusal } from '../../coordinator/api/admission.ts';
import { CmError } from '../../domain/errors.ts';
import type { GlobalOptions } from '../options.ts';

/**
 * Throws (exit 3) if this process belongs to a run, by its environment or by the cookie or mark of one of its ancestors. Agents may
 * only read: landing, undoing and changing settings are for a person, with or without a running coordinator.
 */
export async function requirePerson(options: GlobalOptions): Promise<void> {
  const runId = process.env.CM_RUN_ID ?? '';
  if (runId !== '') {
    const mine = `If this is your own shell, run "unset CM_RUN_ID" first.`;
    throw new CmError(`${runRefusal(await keyOf(options, runId))} ${mine}`, 3);
  }
  const runsDir = await runsDirOf(options);
  if (runsDir === null) return;
  const ids = (): readonly string[] => readRunRecords(runsDir).map(record => record.runId);
  const caller = await callerOf(nativeSystem().table, process.pid, { leaders: [], ids });
  if (caller.kind === 'run') throw new CmError(runRefusal(await keyOf(options, caller.runId)), 3);
}

/** The item of a run, if its folder still shows it. */
async function keyOf(options: GlobalOptions, runId: string): Promise<string | null> {
  const runsDir = await runsDirOf(options);
  const record = runsDir === null ? undefined : readRunRecords(runsDir).find(one => one.runId === runId);
  return record?.item?.key ?? null;
}

/** Null: there is no repository, or nothing has ever run in it. */
async function runsDirOf({ repo }: GlobalOptions): Promise<string | null> {
  const folder = repo ?? process.cwd();
  const place = quickLocation(folder) ?? (await locateRepository(folder).catch(() => null));
  const runsDir = place === null ? '' : join(place.commonDir, 'cm-tui', 'runs');
  return existsSync(runsDir) ? runsDir : null;
}
