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

/** Whether the result of that dispatch may stand under this name. */
export function isPlaceOf(ref: string, runId: RunId, epoch: number): boolean {
  return ref === runRef(runId, epoch) || ref.startsWith(`refs/cm/late/${runPart(runId, epoch)}/`);
}

/** The first words of a claim's message. */
export const claimWords = 'cm claim ';

/** A signature over the words of a claim. */
export interface ClaimProof {
  readonly body: string;
  readonly key: string;
  readonly sig: string;
}

/** Who stands in a run's place. `worker`: empty: a result is there already. `proof`: null: its claim is not signed. */
export interface RefHolder {
  readonly worker: string;
  readonly proof: ClaimProof | null;
}

/**
 * The words of a claim, and what is signed. The nonce makes it the worker's own commit: two that push the same object would both hear
 * "up to date".
 */
export function claimWordsOf(runId: RunId, epoch: number, worker: string, nonce: string): string {
  return `${runId}.${epoch} ${workerPart(worker)} ${nonce}`;
}

/** Who made a claim, by its subject; null: it is none. */
export function claimantOf(subject: string, id: string): RefHolder | null {
  const found = /^cm claim ((\S+) ([a-z0-9][a-z0-9-]{0,31}) [0-9a-z]+)(?: ([\w-]{43}) ([\w-]{86}))?$/.exec(subject);
  const [, words = '', claimed, worker = '', key, sig] = found ?? [];
  if (found === null || claimed !== id) return null;
  const proof = key === undefined || sig === undefined ? null : { body: JSON.stringify(words), key, sig };
  return { worker, proof };
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
