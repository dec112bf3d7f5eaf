/** A JSON file whose values can be found again, so that one of them can be replaced without touching the rest. */
import {
  findNodeAtLocation,
  type JSONPath,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';

export interface JsonFile {
  /** As `JSON.parse` gives it: a name such as `__proto__` is a name like any other. */
  readonly value: unknown;
  /** 1-based line of a value, null where there is none. */
  line(path: JSONPath): number | null;
  place(path: JSONPath): { readonly start: number; readonly end: number } | null;
}

/** Deeper nesting than any list of items has; a file that goes deeper is refused before it is parsed. */
const depthLimit = 100;

/** The file, or a clause that says why it cannot be read. */
export function readJson(text: string): JsonFile | string {
  if (isTooDeep(text)) return `is nested more than ${depthLimit} levels deep`;
  const errors: ParseError[] = [];
  const plain = text.charCodeAt(0) === 0xfeff ? ` ${text.slice(1)}` : text;
  const root = parseTree(plain, errors, { disallowComments: true });
  const [error] = errors;
  const starts = lineStartsOf(text);
  if (error !== undefined || root === undefined) {
    const line = error === undefined ? 1 : lineAt(starts, error.offset);
    const what = error === undefined ? 'no value' : printParseErrorCode(error.error);
    return `is not valid JSON on line ${line} (${what.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()})`;
  }
  const nodeAt = (path: JSONPath): Node | undefined => findNodeAtLocation(root, path);
  return {
    value: JSON.parse(plain) as unknown,
    line(path) {
      const node = nodeAt(path);
      return node === undefined ? null : lineAt(starts, node.offset);
    },
    place(path) {
      const node = nodeAt(path);
      return node === undefined ? null : { start: node.offset, end: node.offset + node.length };
    },
  };
}

/** Counts brackets outside strings. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 92) at++;
      else if (code === 34) inString = false;
    } else if (code === 34) inString = true;
    else if (code === 91 || code === 123) {
      if (++depth > depthLimit) return true;
    } else if (code === 93 || code === 125) depth--;
  }
  return false;
}

function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}
