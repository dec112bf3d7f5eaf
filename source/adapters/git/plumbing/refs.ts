import { CmError } from '../../../domain/errors.ts';
import { isTargetBranch } from '../../../domain/text/names.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';

/**
 * What a branch name of cm-tui may contain: far less than git allows, since git accepts `$(id)`, quotes and bidi controls. The user's own
 * branches (the target) follow {@link isTargetBranch}.
 */
const ownBranch = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/;
const badRefPart = /(\.\.|\/\/|\/\.|^\.|\/$|\.$|\.lock(\/|$)|@\{)/;
const runIdShape = /^[a-z0-9]{16}$/;
const slugShape = /^[a-z0-9][a-z0-9-]{0,63}$/;
const oidShape = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

export function isOwnBranch(name: string): boolean {
  return ownBranch.test(name) && !badRefPart.test(name);
}

export function isOid(text: string): boolean {
  return oidShape.test(text);
}

/** `refs/heads/<name>` of a branch that may be the user's; throws on what could be mistaken for anything else. */
export function branchRef(name: string): string {
  if (!isTargetBranch(name)) {
    throw new CmError(
      `${JSON.stringify(sanitizeLine(name, 120))} is not a branch name that cm-tui supports; rename the branch, using only letters, digits and . _ / -.`,
      2,
    );
  }
  return `refs/heads/${name}`;
}

export function assertOid(oid: string): string {
  if (!isOid(oid)) throw new CmError(`${JSON.stringify(sanitizeLine(oid, 80))} is not an object id.`, 2);
  return oid;
}

export function assertRunId(runId: string): string {
  if (!runIdShape.test(runId)) throw new CmError(`${JSON.stringify(sanitizeLine(runId, 80))} is not a run id.`, 2);
  return runId;
}

export function assertSlug(slug: string): string {
  if (!slugShape.test(slug)) throw new CmError(`${JSON.stringify(sanitizeLine(slug, 80))} is not a slug.`, 2);
  return slug;
}

/** Our private refs. */
export const pins = {
  /** The candidate built for a slug. */
  candidate: (slug: string) => `refs/cm/cand/${assertSlug(slug)}`,
  /** The head that was approved. */
  head: (slug: string) => `refs/cm/head/${assertSlug(slug)}`,
  /** An earlier head that the present one does not name. */
  oldHead: (slug: string, oid: string) => `refs/cm/old/${assertSlug(slug)}/${assertOid(oid)}`,
  /** What the run's own commits were last made into on another base. */
  replayed: (slug: string) => `refs/cm/replayed/${assertSlug(slug)}`,
  /** A hint that the candidate has landed; the proof is always ancestry. */
  landed: (slug: string) => `refs/cm/landed/${assertSlug(slug)}`,
  /** The user's uncommitted work as it was before a landing, as a tree. */
  backup: (stamp: string) => `refs/cm/backup/${assertSlug(stamp)}`,
  /** What a discarded run held. */
  discarded: (stamp: string, oid: string) => `refs/cm/discarded/${assertSlug(stamp)}/${assertOid(oid)}`,
  /** An object that the user's refs name while runs are at work. */
  user: (oid: string) => `refs/cm/user/${assertOid(oid)}`,
  /** One that nothing of the user's named any more when a run had ended. */
  lost: (stamp: string, oid: string) => `refs/cm/lost/${assertSlug(stamp)}/${assertOid(oid)}`,
};

/** Reason of the lock on a worktree of ours. */
export function lockReason(runId: string): string {
  return `cm-tui ${assertRunId(runId)}`;
}

/** A time (milliseconds since 1970) as the name of a ref; names sort as times do. */
export function stampOf(time: number): string {
  return new Date(time).toISOString().replace(/[-:.TZ]/g, '');
}
