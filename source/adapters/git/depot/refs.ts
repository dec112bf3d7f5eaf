import { CmError } from '../../../domain/errors.ts';
import type { Oid, RunId } from '../../../domain/ids.ts';
import { assertOid } from '../plumbing/refs.ts';

/** Refs of the depot. Every part is checked: they come from another machine. */
export function baseRef(oid: Oid): string {
  return `refs/cm/base/${assertOid(oid)}`;
}

/** The claim of a run, and later its result. */
export function runRef(runId: RunId, epoch: number): string {
  return `refs/cm/runs/${runPart(runId, epoch)}`;
}

/** What a run left uncommitted. */
export function wipRef(runId: RunId, epoch: number): string {
  return `refs/cm/wip/${runPart(runId, epoch)}`;
}

/** A result whose place was taken. */
export function lateRef(runId: RunId, epoch: number, worker: string): string {
  return `refs/cm/late/${runPart(runId, epoch)}/${workerPart(worker)}`;
}

/** The first words of a claim's message. */
export const claimWords = 'cm claim ';

/** What makes a claim the worker's own commit: two that push the same object would both hear "up to date". */
export function claimMessage(runId: RunId, epoch: number, worker: string, nonce: string): string {
  return `${claimWords}${runId}.${epoch} ${workerPart(worker)} ${nonce}\n`;
}

/** Who made a claim, by its subject; null: it is none. */
export function claimantOf(subject: string, id: string): string | null {
  const found = /^cm claim (\S+) ([a-z0-9][a-z0-9-]{0,31}) \S+$/.exec(subject);
  return found !== null && found[1] === id ? (found[2] ?? null) : null;
}

/** The worker that stands for the coordinator, which claims what it cancels. */
export const coordinatorName = 'coordinator';

function runPart(runId: RunId, epoch: number): string {
  if (!/^[a-z0-9]{16}$/.test(runId) || !Number.isSafeInteger(epoch) || epoch < 1)
    throw new CmError('A run of another machine has an invalid name. Nothing was done.');
  return `${runId}/${epoch}`;
}

function workerPart(worker: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(worker))
    throw new CmError('The name of a worker is invalid; use small letters, digits and "-".');
  return worker;
}
