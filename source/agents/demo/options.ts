/** How the demo agent behaves in one run; everything but `seconds` is misbehaviour on request. */
export interface DemoOptions {
  /** How long the run takes. */
  readonly seconds: number;
  readonly session: string | null;
  /** The session to resume; its message is the prompt. */
  readonly resume: string | null;
  /** Fails with this exit code, with nothing committed. */
  readonly fail: number | null;
  /** Ends well and commits nothing. */
  readonly noCommit: boolean;
  /** Leaves a change uncommitted beside its commit. */
  readonly dirty: boolean;
  /** Changes this path too, whatever its scope says. */
  readonly outOfScope: string | null;
  /** Does its work and then never ends: `before` or `after` it reports its result. */
  readonly hang: 'before' | 'after' | null;
  /** Rewrites the first line of this file, so that two runs with the same file conflict. */
  readonly conflict: string | null;
  /** Reports a rate limit of this many seconds and fails. */
  readonly rateLimit: number | null;
  /** Prints this many lines a second beside its own. */
  readonly lines: number;
}

const defaultSeconds = 6;
const directive = /<!--\s*demo:\s*([^>]{0,500}?)\s*-->/g;
const word = /^([a-z-]{1,20})(?:=(.{0,200}))?$/;

/**
 * Options from three places, the last one wins: the item's section (`<!-- demo: seconds=6 dirty -->`), the environment
 * (`CM_DEMO_SECONDS`, `CM_DEMO_LINES`), the arguments (`--seconds 6`, `--fail=3`).
 */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv, prompt: string): DemoOptions {
  const words = new Map<string, string>();
  for (const found of prompt.matchAll(directive)) {
    for (const text of (found[1] ?? '').split(/[\s,]+/)) take(words, text);
  }
  if (env.CM_DEMO_SECONDS !== undefined) words.set('seconds', env.CM_DEMO_SECONDS);
  if (env.CM_DEMO_LINES !== undefined) words.set('lines', env.CM_DEMO_LINES);
  readArguments(words, args);
  return {
    seconds: atLeastZero(words.get('seconds'), defaultSeconds),
    session: words.get('session') ?? null,
    resume: words.get('resume') ?? null,
    fail: words.has('fail') ? atLeastZero(words.get('fail'), 1) : null,
    noCommit: words.has('no-commit'),
    dirty: words.has('dirty'),
    outOfScope: words.has('out-of-scope') ? words.get('out-of-scope') || 'README.md' : null,
    hang: words.has('hang-after-result') ? 'after' : words.has('hang') ? 'before' : null,
    conflict: words.get('conflict') || null,
    rateLimit: words.has('rate-limit') ? atLeastZero(words.get('rate-limit'), 60) : null,
    lines: atLeastZero(words.get('lines'), 0),
  };
}

function take(words: Map<string, string>, text: string): void {
  const found = word.exec(text);
  if (found?.[1] !== undefined) words.set(found[1], found[2] ?? '');
}

function readArguments(words: Map<string, string>, args: readonly string[]): void {
  args.forEach((argument, index) => {
    if (!argument.startsWith('--')) return;
    const next = args[index + 1];
    const alone = argument.includes('=') || next === undefined || next.startsWith('--');
    take(words, alone ? argument.slice(2) : `${argument.slice(2)}=${next}`);
  });
}

function atLeastZero(text: string | undefined, otherwise: number): number {
  if (text === undefined || text === '') return otherwise;
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : otherwise;
}
