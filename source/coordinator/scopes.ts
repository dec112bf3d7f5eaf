/** Scopes that a person sets: written into the items' source where it has a place for them, else kept in the state. */
import { toGlob } from '../domain/roadmap/paths.ts';
import type { ScopeText } from '../domain/roadmap/scope-line.ts';
import { applyScopes, type SetScope, stillCounts, withScopes } from '../domain/scope/set-scopes.ts';
import { reaches } from '../domain/scope/suggest/dependencies.ts';
import type { Command, CommandAnswer } from '../ports/commands.ts';
import type { WrittenScopes } from '../ports/work.ts';
import { findItem } from './runs/spawning.ts';
import { done, refused } from './state/answers.ts';
import { allItems, itemsOfSources } from './state/planning.ts';
import type { State } from './state/state.ts';
import type { Transition } from './transition.ts';

type Wanted = Extract<Command, { readonly type: 'set-scopes' }>['scopes'];

/** Records them, so that they count at once and no crash loses them; then the file is written. */
export function setScopes(transition: Transition, wanted: Wanted): CommandAnswer {
  const set: SetScope[] = [];
  for (const { id, paths, dependsOn } of wanted) {
    const found = findItem(transition.state, id);
    if ('problem' in found) return refused(found.problem);
    const { item } = found;
    const source = itemsOfSources(transition.state).find(one => one.id === item.id) ?? item;
    const bad = paths.find(path => path === '' || path.split('/').includes('..') || /^[/~!]|[\n\0]/.test(path));
    if (bad !== undefined) return refused(`${item.key}: "${bad}" is not a path inside the repository.`);
    const needs: string[] = [];
    for (const other of dependsOn) {
      const needed = findItem(transition.state, other);
      if ('problem' in needed) return refused(needed.problem);
      if (wouldNeed(transition.state, set, needed.item.id, item.id))
        return refused(`${item.key} cannot depend on ${needed.item.key}, which depends on ${item.key}.`);
      needs.push(needed.item.id);
    }
    set.push({ priorityId: item.id, paths: [...new Set(paths)], dependsOn: needs, replaces: source.scope });
  }
  if (set.length === 0) return done('No scopes to set.');
  transition.record({ type: 'scopes-set', scopes: set });
  const ids = set.map(({ priorityId }) => priorityId);
  const files = ids.filter(id => hasPlace(transition.state, id));
  const unwritten = (transition.state.scopesUnwritten ?? []).filter(id => !files.includes(id));
  transition.change({ scopesUnwritten: [...new Set([...unwritten, ...ids.filter(id => !files.includes(id))])] });
  if (files.length > 0) {
    transition.change({ scopesWriting: [...(transition.state.scopesWriting ?? []), ...files] });
    transition.emit({ type: 'scopes.write', priorityIds: files });
  }
  return done(`Scope set for ${ids.length} ${ids.length === 1 ? 'item' : 'items'}.`);
}

/** The texts that are to stand in the ROADMAP for these items. */
export function scopeTexts(state: State, priorityIds: readonly string[]): readonly ScopeText[] {
  const items = itemsOfSources(state);
  return priorityIds.flatMap(id => {
    const item = items.find(one => one.id === id);
    const set = state.scopes?.[id];
    if (item === undefined || set === undefined) return [];
    const { key, line, heading } = item;
    const needs = set.dependsOn.filter(other => !item.dependsOn.includes(other));
    const keys = needs.map(other => items.find(one => one.id === other)?.key ?? other);
    return [{ key, line, heading, paths: set.paths, dependsOn: keys }];
  });
}

/** The file says it now, so it is read again; what could not be written stays in the state, and counts all the same. */
export function scopesWritten(
  transition: Transition,
  priorityIds: readonly string[],
  { written, problem }: WrittenScopes,
): void {
  const left = (transition.state.scopesWriting ?? []).filter(id => !priorityIds.includes(id));
  const keyOf = (id: string) => allItems(transition.state).find(item => item.id === id)?.key ?? id;
  const unwritten = priorityIds.filter(id => !written.includes(keyOf(id)));
  const before = (transition.state.scopesUnwritten ?? []).filter(id => !priorityIds.includes(id));
  transition.change({ scopesWriting: left, scopesUnwritten: [...before, ...unwritten] });
  const kept = unwritten.map(keyOf);
  if (kept.length > 0) {
    const why = problem ?? 'the file has no place for it';
    transition.notice('warning', `The scope of ${kept.join(', ')} is kept in cm-tui's own state: ${why}.`);
  }
  if (written.length === 0) return;
  transition.emit({ type: 'sources.read' });
  transition.emit({ type: 'target.read' });
}

/** Where the source says something else by now, that counts. */
export function dropOldScopes(transition: Transition): void {
  const set = Object.values(transition.state.scopes ?? {});
  if (set.length === 0 || transition.state.role === 'reader') return;
  const items = itemsOfSources(transition.state);
  const old = set.filter(one => {
    const item = items.find(({ id }) => id === one.priorityId);
    return item !== undefined && !stillCounts(item, one);
  });
  if (old.length === 0) return;
  transition.record({ type: 'scopes-dropped', priorityIds: old.map(({ priorityId }) => priorityId) });
}

/** Only a ROADMAP inside the repository that cm-tui may write to has a place, and only for paths of its form. */
function hasPlace(state: State, id: string): boolean {
  const { roadmap, settings, scopes } = state;
  const item = roadmap.items.find(one => one.id === id);
  const set = scopes?.[id];
  if (item === undefined || set === undefined || set.paths.length === 0) return false;
  if (settings.roadmapStatus !== 'commit' || roadmap.path === null || roadmap.path.startsWith('/')) return false;
  const ours =
    (item.source ?? 'roadmap') === 'roadmap' && item.line > 0 && (item.path ?? roadmap.path) === roadmap.path;
  return ours && set.paths.every(path => toGlob(path, true) === path);
}

/** Would `from` depend on `to`, once these are set? */
function wouldNeed(state: State, added: readonly SetScope[], from: string, to: string): boolean {
  const all = applyScopes(itemsOfSources(state), withScopes(state.scopes, added));
  return reaches(new Map(all.map(item => [item.id, item.dependsOn])), from, to);
}
