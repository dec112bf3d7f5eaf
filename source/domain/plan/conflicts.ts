import type { Scope } from '../item.ts';
import type { Ownership } from '../ownership/ownership.ts';
import { isReadOnly } from '../queue/gate.ts';
import { ScopeIndex } from '../scope/scope-index.ts';
import { scopesOverlap } from '../scope.ts';
import type { Settings } from '../settings.ts';

/** An item, or an instance: whatever has a scope and an agent type. */
export type Work = { readonly scope: Scope; readonly agentType: string };

export type ConflictCode = 'overlap' | 'unknown-scope';

interface Rules {
  readonly ownership: Ownership;
  readonly settings: Pick<Settings, 'unknownScope' | 'readOnlyTypes'>;
}

/** Which pieces of work keep each other from running side by side. */
export class Conflicts {
  readonly #rules: Rules;
  readonly #readOnly = new Map<string, boolean>();

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  /** The code under which the two keep each other from running; null where they may run side by side. */
  code(a: Work, b: Work): ConflictCode | null {
    if (this.isReadOnly(a.agentType) || this.isReadOnly(b.agentType)) return null;
    if (a.scope.kind === 'unknown' && b.scope.kind === 'unknown') return this.serial ? 'unknown-scope' : null;
    if (a.scope.kind === 'unknown' || b.scope.kind === 'unknown') return null;
    return scopesOverlap(a.scope, b.scope) ? 'overlap' : null;
  }

  /** May this type of agent change nothing at all? Then it is in nobody's way. */
  isReadOnly(agentType: string): boolean {
    const known = this.#readOnly.get(agentType);
    if (known !== undefined) return known;
    const answer = isReadOnly(agentType, this.#rules.ownership, this.#rules.settings);
    this.#readOnly.set(agentType, answer);
    return answer;
  }

  /** Do items of unknown scope run one at a time? */
  get serial(): boolean {
    return this.#rules.settings.unknownScope === 'serial';
  }
}

/** Finds what keeps a piece of work from running among much other work, without comparing it with all of it. */
export class WorkIndex<T extends Work> {
  readonly #conflicts: Conflicts;
  readonly #scopes = new ScopeIndex<T>();
  readonly #unknown: T[] = [];

  constructor(conflicts: Conflicts, works: Iterable<T> = []) {
    this.#conflicts = conflicts;
    for (const work of works) this.add(work);
  }

  add(work: T): void {
    if (this.#conflicts.isReadOnly(work.agentType)) return;
    if (work.scope.kind === 'unknown') this.#unknown.push(work);
    else this.#scopes.add(work.scope, work);
  }

  /** Does `test` hold for something in here that may not run beside `work`? It may be asked about one thing more than once. */
  some(work: Work, test: (other: T) => boolean): boolean {
    if (this.#conflicts.isReadOnly(work.agentType)) return false;
    if (work.scope.kind !== 'unknown') return this.#scopes.some(work.scope, test);
    return this.#conflicts.serial && this.#unknown.some(test);
  }

  /** The patterns of the work's scope that meet something in here for which `test` holds. */
  shared(work: Work, test: (other: T) => boolean): readonly string[] {
    return this.#scopes.shared(work.scope, test).map(({ source }) => source);
  }
}
