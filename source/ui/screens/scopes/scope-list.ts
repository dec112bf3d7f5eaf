/** Suggested scopes as a list that can be edited: which files and dependencies of which item are taken. Pure. */
import type { Item } from '../../../domain/item.ts';
import { globOf } from '../../../domain/scope/glob-of.ts';
import type { SetScope } from '../../../domain/scope/set-scopes.ts';
import type { Proposal } from '../../../domain/scope/suggest/proposal.ts';
import { escapePath, sanitizeLine } from '../../../domain/text/sanitize.ts';

export interface Choice {
  /** A file's path, or the id of an item that must land first. */
  readonly value: string;
  readonly kind: 'file' | 'dependency';
  readonly reason: string;
  readonly taken: boolean;
  /** A person has typed it, perhaps as a glob; it is set as it stands. */
  readonly typed?: true;
}

export interface ScopeEntry {
  readonly proposal: Proposal;
  readonly choices: readonly Choice[];
}

/** A row of the list: an item, or a choice of it. */
export type ScopeRow =
  | { readonly type: 'item'; readonly entry: ScopeEntry }
  | { readonly type: 'choice'; readonly entry: ScopeEntry; readonly choice: Choice };

/** What is sure is taken; what is merely possible is not, nor what would widen a scope that is known. */
export function entriesOf(proposals: readonly Proposal[]): readonly ScopeEntry[] {
  return proposals.map(proposal => {
    const { sure, files, candidates, dependencies } = proposal;
    const shown = sure ? files : candidates;
    return {
      proposal,
      choices: [
        ...shown.map(({ path, reasons }): Choice => {
          const taken = sure && !isWider(proposal, path);
          return { value: path, kind: 'file', reason: reasons.join('; '), taken };
        }),
        ...dependencies.map(({ id, reason }): Choice => ({ value: id, kind: 'dependency', reason, taken: true })),
      ],
    };
  });
}

function isWider({ current, widens }: Proposal, path: string): boolean {
  return current.kind !== 'unknown' && widens.includes(path);
}

export function rowsOf(entries: readonly ScopeEntry[]): readonly ScopeRow[] {
  return entries.flatMap(entry => [
    { type: 'item' as const, entry },
    ...entry.choices.map(choice => ({ type: 'choice' as const, entry, choice })),
  ]);
}

/** Takes or leaves what a row stands for; of an item: all of it. */
export function toggled(entries: readonly ScopeEntry[], row: ScopeRow): readonly ScopeEntry[] {
  const all = row.type === 'item' && !row.entry.choices.every(({ taken }) => taken);
  const change = (choice: Choice): Choice => {
    if (row.type === 'item') return { ...choice, taken: all };
    return choice === row.choice ? { ...choice, taken: !choice.taken } : choice;
  };
  return entries.map(entry => (entry === row.entry ? { ...entry, choices: entry.choices.map(change) } : entry));
}

/** Adds a path or glob that a person has typed. */
export function withPath(entries: readonly ScopeEntry[], entry: ScopeEntry, path: string): readonly ScopeEntry[] {
  const added: Choice = { value: path, kind: 'file', reason: 'added by you', taken: true, typed: true };
  const rest = entry.choices.filter(({ value, kind }) => kind !== 'file' || value !== path);
  return entries.map(other => (other === entry ? { ...other, choices: [added, ...rest] } : other));
}

/** What is set as the list stands; items of which nothing is taken stay as they are. */
export function chosenScopes(entries: readonly ScopeEntry[], items: readonly Item[]): readonly SetScope[] {
  return entries.flatMap(({ proposal, choices }) => {
    const item = items.find(({ id }) => id === proposal.id);
    const taken = (kind: Choice['kind']) => choices.filter(one => one.kind === kind && one.taken);
    const paths = taken('file').map(({ value, typed }) => (typed ? value : globOf(value)));
    const dependsOn = taken('dependency').map(({ value }) => value);
    if (item === undefined || paths.length + dependsOn.length === 0) return [];
    return [{ priorityId: item.id, paths, dependsOn, replaces: item.scope }];
  });
}

/** A row in words. */
export function rowText(row: ScopeRow): { readonly name: string; readonly why: string } {
  if (row.type === 'item') {
    const { proposal, choices } = row.entry;
    const files = choices.filter(({ kind, taken }) => kind === 'file' && taken).length;
    const scope = files === 0 ? `${proposal.current.kind} scope` : `${files} ${files === 1 ? 'file' : 'files'}`;
    const unsure = proposal.sure || files > 0 ? '' : choices.length === 0 ? ', nothing points to a file' : ', not sure';
    return { name: `${proposal.key}  ${sanitizeLine(proposal.title, 120)}`, why: scope + unsure };
  }
  const { choice, entry } = row;
  const wider = choice.kind === 'file' && isWider(entry.proposal, choice.value);
  const what = choice.kind === 'dependency' ? `after ${choice.value}` : escapePath(choice.value);
  return {
    name: `  [${choice.taken ? 'x' : ' '}] ${what}`,
    why: sanitizeLine(wider ? `wider than now; ${choice.reason}` : choice.reason, 200),
  };
}
