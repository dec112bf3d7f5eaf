/** A source outside the repository: asked now and then, never while somebody waits for the screen, and kept as it was where it fails. */
import type { Item, SourceProblem } from '../../../domain/item.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { FoundItem, ProgramAnswer, SourceContent, SourceType, WorkSource } from '../../../ports/sources.ts';

/** Items, or a sentence that says why there are none. */
export type Fetched = { readonly items: readonly FoundItem[]; readonly problems: readonly SourceProblem[] } | string;

export interface PolledSourceOptions {
  readonly type: SourceType;
  /** For people: `gh issue list`. */
  readonly place: string;
  readonly everyMs: number;
  readonly fetch: () => Promise<Fetched>;
  /** Null: nothing is written. */
  readonly write: ((item: Item, to: 'complete' | 'planned') => Promise<boolean>) | null;
  /** Milliseconds; for tests. */
  readonly now?: () => number;
}

export class PolledSource implements WorkSource {
  readonly type: SourceType;
  readonly writeStatus: WorkSource['writeStatus'];
  readonly #options: PolledSourceOptions;
  readonly #listeners = new Set<() => void>();
  #content: SourceContent;
  #known = '';
  #askedAt: number | null = null;
  #pending: Promise<void> | null = null;
  #changes = 0;

  constructor(options: PolledSourceOptions) {
    this.#options = options;
    this.type = options.type;
    const { write } = options;
    this.writeStatus =
      write === null
        ? null
        : async (item, to) => {
            const done = await write(item, to);
            if (done) this.#askedAt = null;
            return done;
          };
    this.#content = this.#contentOf([], []);
  }

  async detect(): Promise<boolean> {
    return true;
  }

  async read(wait: boolean): Promise<SourceContent> {
    const now = this.#options.now?.() ?? performance.now();
    if (this.#askedAt === null || now - this.#askedAt >= this.#options.everyMs) {
      this.#askedAt = now;
      this.#pending ??= this.#ask().finally(() => {
        this.#pending = null;
      });
    }
    if (wait && this.#changes === 1 && this.#pending !== null) await this.#pending;
    return this.#content;
  }

  watch(onChange: () => void): () => void {
    this.#listeners.add(onChange);
    return () => this.#listeners.delete(onChange);
  }

  async #ask(): Promise<void> {
    const fetched = await this.#options.fetch().catch((error: unknown) => `${String(error)}.`);
    const items = typeof fetched === 'string' ? this.#content.items : fetched.items;
    const problems =
      typeof fetched === 'string'
        ? [{ line: 1, code: 'source', message: sanitizeLine(fetched, 400) }]
        : fetched.problems;
    // A forge says nothing of what changed, so what it holds is compared.
    const known = JSON.stringify([items, problems]);
    if (known === this.#known && this.#changes > 1) return;
    this.#known = known;
    this.#content = this.#contentOf(items, problems);
    for (const listener of this.#listeners) listener();
  }

  #contentOf(items: readonly FoundItem[], problems: readonly SourceProblem[]): SourceContent {
    const { type, place, write } = this.#options;
    const writes = write === null ? 'none' : 'program';
    return { type, places: [place], items, problems, writes, stamp: `${type}:${++this.#changes}` };
  }
}

/** Why a program gave no items, as a sentence; null: it did. `login` is the command that logs in. */
export function whyNot(
  name: string,
  { exitCode, stderr, trouble }: ProgramAnswer,
  { install, login }: { readonly install: string; readonly login: string | null },
): string | null {
  const what = `"${sanitizeLine(name, 80)}"`;
  if (trouble === 'missing') return `${what} is not installed. ${install}`;
  if (trouble === 'late')
    return `${what} gave no answer within 30 seconds. The items are those of the last answer; it is asked again.`;
  if (trouble === 'long') return `${what} printed more than 16 MiB. Limit what it lists.`;
  if (exitCode === 0) return null;
  const said = sanitizeLine(stderr.trim().split('\n').at(0) ?? '', 200).replace(/[.\s]+$/, '');
  if (
    login !== null &&
    (exitCode === 4 || /\b(?:auth(?:entication)?|log ?in|logged|401|unauthorized|token)\b/i.test(said))
  )
    return `${what} asks for a login. Run "${login}".`;
  if (/rate limit|429|abuse/i.test(said))
    return `${what} is rate limited. The items are those of the last answer; it is asked again later.`;
  if (/resolve host|connect|network|dial tcp|offline|timed? ?out|unreachable/i.test(said))
    return `${what} cannot reach its server (${said}). The items are those of the last answer; it is asked again.`;
  return `${what} failed${exitCode === null ? '' : ` with exit code ${exitCode}`}${said === '' ? '' : `: ${said}`}.`;
}
