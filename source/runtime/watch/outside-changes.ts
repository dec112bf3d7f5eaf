import type { OutsideChange } from '../../domain/escape.ts';
import type { LookBefore, SettingsLook, TreesLook } from '../../ports/outside.ts';

/** Uncommitted files that have changed. What is as committed again is not an escape: somebody committed it, or discarded it. */
export function treesBetween(before: TreesLook, now: TreesLook): readonly OutsideChange[] {
  const changes: OutsideChange[] = [];
  for (const [tree, was] of Object.entries(before)) {
    for (const [path, stamp] of Object.entries(now[tree] ?? {})) {
      if (was[path] !== stamp) changes.push({ tree, path, stamp });
    }
  }
  return changes;
}

/** Settings and hooks that are not as they were. */
export function settingsBetween(before: SettingsLook, now: SettingsLook): readonly OutsideChange[] {
  const changes = between(before.executables, now.executables);
  return before.settings === undefined ? changes : [...changes, ...between(before.settings, now.settings ?? {})];
}

type Digests = Readonly<Record<string, string>>;

function between(before: Digests, now: Digests): readonly OutsideChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return names.flatMap(path => {
    const stamp = now[path] ?? 'gone';
    return stamp === (before[path] ?? 'gone') ? [] : [{ tree: null, path, stamp }];
  });
}

/** What was not written down or copied before the run, and so cannot be compared; null: all of it was. */
export function unknownOf({ work, outside }: LookBefore): string | null {
  const missing = [
    ...(work === null ? ['your refs and stash'] : []),
    ...(outside?.settings === undefined ? ['your git settings and hooks'] : []),
    ...((outside?.trees ?? null) === null ? ['your uncommitted files'] : []),
  ];
  const notSaved = Object.values(outside?.saved ?? {}).some(oid => oid === null);
  const problems = [
    ...(missing.length === 0 ? [] : [`${missing.join(' and ')} were not read before it started`]),
    ...(notSaved ? ['your uncommitted files could not be copied before it started'] : []),
  ];
  return problems.length === 0 ? null : problems.join('; ');
}
