import { anyDepth, anyOne, anyRun, pathsMeet, pathsWithin, type Segment, type Token } from './segments.ts';

/**
 * Two questions about globs, answered without looking at a disk: may two patterns name a common path, and does one lie inside the other.
 * The first errs towards "yes", the second towards "no", so that neither mistake ever lets two agents write one file.
 */

/** One brace-free alternative of a pattern. */
export interface Alternative {
  /** Normalised and folded, without `./`, `..` and doubled slashes; empty for the whole repository. */
  readonly text: string;
  readonly segments: readonly Segment[];
  /** How many names stand before the first wildcard. */
  readonly fixed: number;
  /** True where it holds no wildcard: it then names a file, or a folder with all below it. */
  readonly literal: boolean;
  /** True where a class or group was widened to `*`: the segments then match more than the pattern does. */
  readonly widened: boolean;
}

const fileName = /[^/.][^/]*\.[a-z][a-z0-9]{0,4}$/;
const uncertain = /[*?+]\+|[[\](){}|"\\]|\*\*[^/]|[^/]\*\*/;
const wild = /[*?[\](){}|"]/;
const maximumAlternatives = 128;

/** Folds what a file system may fold: Unicode form, case and the other separator (a backslash before a wildcard is an escape). */
export function foldPath(path: string): string {
  return path
    .normalize('NFC')
    .replace(/\\(?![*?[\](){}!+@|\\"])/g, '/')
    .toLowerCase();
}

/** Splits a pattern into its brace-free alternatives, ready to be compared. */
export function compileAlternatives(pattern: string): readonly Alternative[] {
  const folded = foldPath(pattern.trim());
  // Most paths are plain, and a ROADMAP may have thousands.
  if (!wild.test(folded) && !folded.includes('\\')) return [compilePlain(folded)];
  return expandBraces(folded).map(compileAlternative);
}

/** May one path match both? `true` whenever that cannot be ruled out. */
export function alternativesOverlap(a: Alternative, b: Alternative): boolean {
  if (partEarly(a, b)) return false;
  const [left, right] = [against(a, b), against(b, a)];
  if (!isSubtree(a) || !isSubtree(b)) return pathsMeet(left, right);
  // Two folders meet where one lies in the other; a file lies in a folder, never around it.
  if (left.length < a.segments.length) return a.fixed >= b.fixed;
  return right.length === b.segments.length || b.fixed >= a.fixed;
}

/** Does every path of `inner` match `outer`? `false` whenever that cannot be shown. A bare name counts as the file it names. */
export function alternativeWithin(inner: Alternative, outer: Alternative): boolean {
  if (outer.widened) return false;
  return pathsWithin(inner.literal ? inner.segments.slice(0, -1) : inner.segments, outer.segments);
}

/** The quick answer for most pairs: different names before the first wildcard of either. */
function partEarly(a: Alternative, b: Alternative): boolean {
  const common = Math.min(a.fixed, b.fixed);
  for (let at = 0; at < common; at += 1) if (a.segments[at] !== b.segments[at]) return true;
  return false;
}

/** A plain path or `folder/**`: names, and behind them anything. */
function isSubtree({ fixed, segments }: Alternative): boolean {
  return fixed === segments.length - 1 && segments[fixed] === anyDepth;
}

function fixedIn(segments: readonly Segment[]): number {
  const wildcard = segments.findIndex(segment => typeof segment !== 'string');
  return wildcard < 0 ? segments.length : wildcard;
}

/**
 * A bare name with an extension (`src/app.ts`) is a file when it meets a wildcard, or `**` + `/*.md` would meet every file there is;
 * against another bare name it may still be a folder.
 */
function against(own: Alternative, other: Alternative): readonly Segment[] {
  return own.literal && !other.literal && fileName.test(own.text) ? own.segments.slice(0, -1) : own.segments;
}

function compilePlain(text: string): Alternative {
  const parts = joinDots(text) ?? [];
  const segments: readonly Segment[] = [...parts, anyDepth];
  return { text: parts.join('/'), segments, fixed: parts.length, literal: true, widened: uncertain.test(text) };
}

function compileAlternative(text: string): Alternative {
  const folder = /\/\.?$/.test(text);
  const parts = resolveDots(text);
  if (parts === null) return { text: '**', segments: [anyDepth], fixed: 0, literal: false, widened: true };
  const cut = parts.findIndex(tearsGroup);
  const segments: Segment[] = (cut < 0 ? parts : parts.slice(0, cut)).map(compileSegment);
  const literal = !wild.test(text) && !text.includes('\\');
  if (cut >= 0 || folder || literal) segments.push(anyDepth);
  const joined = parts.join('/');
  return {
    text: folder && !literal && joined !== '' ? `${joined}/**` : joined,
    segments,
    fixed: fixedIn(segments),
    literal,
    widened: uncertain.test(text),
  };
}

/** Resolves `.` and `..`; null where that cannot be done without knowing the tree, or if the pattern is invalid. */
function resolveDots(text: string): readonly string[] | null {
  return isWellFormed(text) ? joinDots(text) : null;
}

function joinDots(text: string): readonly string[] | null {
  const parts: string[] = [];
  for (const part of text.split('/')) {
    if (part === '' || part === '.') continue;
    const last = parts.at(-1);
    if (part !== '..' || last === undefined || last === '..') parts.push(part);
    else if (last.includes('**') || wild.test(last.replaceAll('*', ''))) return null;
    else parts.pop();
  }
  return parts;
}

/** False where a bracket has no partner or `|` stands outside of all groups: such a pattern may match anything. */
function isWellFormed(text: string): boolean {
  const shorter = text.replace(/\\.|\[[^[\]/]*\]|\([^()]*\)/g, '');
  return shorter === text ? !/[|(){}[\]]/.test(text) : isWellFormed(shorter);
}

/** A group or class torn by the split at `/`: what follows is unknown. */
function tearsGroup(part: string): boolean {
  return part.split('(').length !== part.split(')').length || part.split('[').length !== part.split(']').length;
}

function compileSegment(part: string): Segment {
  // What is not a name may be no name at all: `b/**/!(a)` is taken to match `b`.
  if (part.includes('**') || part.includes('!(')) return anyDepth;
  if (!wild.test(part) && !part.includes('\\')) return part;
  return tokenise(part);
}

function tokenise(part: string): readonly Token[] {
  const tokens: Token[] = [];
  const run = () => {
    if (tokens.at(-1) !== anyRun) tokens.push(anyRun);
  };
  for (let at = 0; at < part.length; at += 1) {
    const char = part.charAt(at);
    const next = part.charAt(at + 1);
    if ('?*+@!'.includes(char) && next === '(') continue;
    if (char === '\\') {
      run();
      at += 1;
    } else if (char === '(' || char === '[') {
      at = endOfGroup(part, at);
      run();
    } else if (char === '*' || char === '"' || char === '{' || char === '}' || char === ')' || char === ']') run();
    else if (char === '?') tokens.push(anyOne);
    else if (char === '+' && (tokens.at(-1) === anyRun || tokens.at(-1) === '+')) run();
    else tokens.push(char);
  }
  return tokens;
}

/** Index of the last character of the group, class or quantified group that opens at `start`. */
function endOfGroup(part: string, start: number): number {
  const close = part.charAt(start) === '(' ? ')' : ']';
  const end = part.lastIndexOf(close);
  let at = end > start ? end : part.length - 1;
  while (at + 1 < part.length && '?+*'.includes(part.charAt(at + 1))) at += 1;
  return at;
}

/** Bash-style `{a,b}`; a brace that is not a list becomes `*`, or `**` if it contains a slash. */
function expandBraces(pattern: string): readonly string[] {
  let open = [pattern];
  const done: string[] = [];
  while (open.length > 0) {
    const next: string[] = [];
    for (const text of open) {
      const list = innermostBraces(text);
      if (list === null) done.push(text);
      else next.push(...list);
    }
    open = next;
    if (open.length + done.length > maximumAlternatives) return [`${pattern.slice(0, pattern.indexOf('{'))}**`];
  }
  return done;
}

function innermostBraces(text: string): readonly string[] | null {
  if (/\[[^\]]*[{}]/.test(text)) return null;
  const match = /\{([^{}]*)\}/.exec(text);
  if (match === null) return null;
  const [whole, body = ''] = match;
  const before = text.slice(0, match.index);
  const after = text.slice(match.index + whole.length);
  // Behind a list `+` and `?` repeat it or make it optional.
  if (body.includes(',') && !/^[+?]/.test(after)) return body.split(',').map(choice => before + choice + after);
  return [before + (body.includes('/') ? '**' : '*') + after];
}
