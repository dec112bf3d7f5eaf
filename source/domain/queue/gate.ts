import type { ChangedFile } from '../instance.ts';
import type { Scope } from '../item.ts';
import type { Ownership, OwnershipRule } from '../ownership/ownership.ts';
import { patternMatches, scopeCovers } from '../scope.ts';
import type { Settings } from '../settings.ts';
import { folderViolations, modeViolation, runtimeViolation } from './gate-shapes.ts';
import type { Violation } from './merge-entry.ts';

/** What a branch really changed, and what it was allowed to change. */
export interface GateInput {
  /** From `git diff` between merge base and head, renames split into a deletion and an addition. */
  readonly files: readonly ChangedFile[];
  /** New or changed symlinks that lead out of the repository. */
  readonly escapingLinks: readonly string[];
  readonly scope: Scope;
  readonly agentType: string;
  readonly ownership: Ownership;
  readonly settings: Pick<Settings, 'unowned' | 'ownershipPolicy' | 'readOnlyTypes' | 'runtimePaths'>;
  /** Path of the ROADMAP relative to the root; null without one. Its status lines are the coordinator's. */
  readonly roadmapPath: string | null;
}

const submoduleMode = '160000';
const plainMode = '100644';

/** Why the branch may not land as it is (docs/contract.md), in the order of its files. Empty: nothing stands against it. */
export function findViolations(input: GateInput): readonly Violation[] {
  const links = input.escapingLinks.map(path =>
    violation('symlink', path, `${path} is a link that leads out of the repository`),
  );
  return [...input.files.flatMap(file => violationsOf(file, input)), ...folderViolations(input.files), ...links];
}

/**
 * Files of other owners that hold nothing up, because the setting `ownershipPolicy` is `warn`: a person sees them before the branch lands,
 * and no policy approves it. Empty where ownership blocks, and for a read-only type, whose every change is a violation.
 */
export function findWarnings(input: GateInput): readonly Violation[] {
  const { agentType, ownership, settings } = input;
  if (settings.ownershipPolicy === 'block' || isReadOnly(agentType, ownership, settings)) return [];
  return input.files.flatMap(file => ownershipViolation(file.path, input) ?? []);
}

/** The gate's findings for work in progress. */
export interface EarlyFindings {
  /** They block its landing if it ends like this. */
  readonly violations: readonly Violation[];
  readonly warnings: readonly Violation[];
}

/** What the gate would say of work that ended now, by its paths: kinds of files and modes are looked at when it has ended. */
export function judgePaths(paths: readonly string[], input: Omit<GateInput, 'files' | 'escapingLinks'>): EarlyFindings {
  const all = { ...input, files: paths.map(asChange), escapingLinks: [] };
  return { violations: findViolations(all), warnings: findWarnings(all) };
}

function asChange(path: string): ChangedFile {
  const modes = { oldMode: plainMode, newMode: plainMode };
  return { path, change: 'M', ...modes, insertions: 0, deletions: 0, binary: false };
}

/** May this agent type change nothing at all? As the settings and the ownership table say. */
export function isReadOnly(
  agentType: string,
  ownership: Ownership,
  settings: Pick<Settings, 'readOnlyTypes'>,
): boolean {
  return [...settings.readOnlyTypes, ...ownership.readOnly].some(type => sameType(type, agentType));
}

/** Agent types are compared without regard to case and to `-`, `_` or space between words. */
export function sameType(a: string, b: string): boolean {
  return a === b || typeKey(a) === typeKey(b);
}

/**
 * Which of two rules is the more specific: positive when `a` is. In this order: a path without wildcards, more segments before the
 * first wildcard, more literal characters, no `**`. Rules that tie are equally specific; a pattern written twice has several owners.
 */
export function compareSpecificity(a: OwnershipRule, b: OwnershipRule): number {
  const left = specificity(a.pattern);
  const right = specificity(b.pattern);
  for (let at = 0; at < left.length; at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function violationsOf(file: ChangedFile, input: GateInput): readonly Violation[] {
  const { path } = file;
  const found: (Violation | null)[] = [];
  if (isReadOnly(input.agentType, input.ownership, input.settings)) {
    found.push(violation('read-only', path, `${path} was changed, but ${input.agentType} is read-only`));
  } else {
    found.push(scopeViolation(path, input));
    if (input.settings.ownershipPolicy === 'block') found.push(ownershipViolation(path, input));
  }
  if (file.newMode === submoduleMode || file.oldMode === submoduleMode) {
    found.push(violation('submodule', path, `${path} is a submodule that the branch adds, moves or removes`));
  }
  found.push(modeViolation(file), runtimeViolation(path, input.scope, input.settings.runtimePaths));
  return found.filter(one => one !== null);
}

function scopeViolation(path: string, { scope, roadmapPath }: GateInput): Violation | null {
  const inScope = scope.kind !== 'unknown' && scopeCovers(scope, path);
  if (inScope) return null;
  if (scope.kind === 'known') return violation('scope', path, `${path} is outside the item's scope`);
  if (roadmapPath === null || !patternMatches(roadmapPath, path)) return null;
  return violation('scope', path, `${path} is the ROADMAP, whose status lines only the coordinator writes`);
}

function ownershipViolation(path: string, { ownership, agentType, settings }: GateInput): Violation | null {
  const owners = ownersOf(ownership, path);
  if (owners.some(owner => sameType(owner, agentType))) return null;
  if (owners.length > 0) {
    return violation('ownership', path, `${path} belongs to ${owners.join(' and ')}, not to ${agentType}`);
  }
  if (settings.unowned === 'allow' || ownership.rules.length === 0) return null;
  return violation('ownership', path, `${path} has no owner in the ownership table`);
}

/** The agent types that own `path`: those named by the most specific rules that match it. */
export function ownersOf(ownership: Ownership, path: string): readonly string[] {
  let best: OwnershipRule[] = [];
  for (const rule of ownership.rules) {
    if (!patternMatches(rule.pattern, path)) continue;
    const [first] = best;
    const order = first === undefined ? 1 : compareSpecificity(rule, first);
    if (order > 0) best = [rule];
    else if (order === 0) best.push(rule);
  }
  return [...new Set(best.map(rule => rule.owner))];
}

function specificity(pattern: string): readonly number[] {
  const folder = pattern.replace(/\/(\*\*)?$/, '');
  const wildcard = folder.search(/[*?[{(]/);
  const fixed = (wildcard < 0 ? folder : folder.slice(0, wildcard)).split('/').length - (wildcard < 0 ? 0 : 1);
  const subtree = folder !== pattern;
  return [
    wildcard < 0 && !subtree ? 1 : 0,
    fixed,
    folder.replace(/[*?[\]{}()!,]/g, '').length,
    folder.includes('**') ? 0 : 1,
    subtree ? 0 : 1,
  ];
}

function violation(code: Violation['code'], path: string, message: string): Violation {
  return { code, path, message };
}

function typeKey(type: string): string {
  return type.toLowerCase().replace(/[-\s]+/g, '_');
}
