/** Compiled patterns, segment by segment, and whether two of them meet. Every pair of positions is visited once, whatever the pattern. */

/** `**`: any number of segments, none included. */
export const anyDepth = Symbol('**');
/** `?` within a segment. */
export const anyOne = 1;
/** `*` within a segment; classes, groups and ranges count as this too. */
export const anyRun = 2;

export type Token = string | typeof anyOne | typeof anyRun;
export type Segment = string | readonly Token[] | typeof anyDepth;

type Named = string | readonly Token[];

/** Do two lists of segments meet? `**` on either side may swallow segments of the other. */
export function pathsMeet(a: readonly Segment[], b: readonly Segment[]): boolean {
  return reaches(a.length, b.length, (i, j, go) => {
    const left = a[i];
    const right = b[j];
    if (left === anyDepth || right === anyDepth) {
      if (left === anyDepth) go(i + 1, j);
      if (right === anyDepth) go(i, j + 1);
      if (left === anyDepth && right !== undefined) go(i, j + 1);
      if (right === anyDepth && left !== undefined) go(i + 1, j);
    } else if (left !== undefined && right !== undefined && namesMeet(left, right)) go(i + 1, j + 1);
  });
}

/** Is every path of `inner` one of `outer`? Only `**` of `outer` may swallow. */
export function pathsWithin(inner: readonly Segment[], outer: readonly Segment[]): boolean {
  return reaches(inner.length, outer.length, (i, j, go) => {
    const left = inner[i];
    const right = outer[j];
    if (right === anyDepth) {
      // `a/**` also names `a` itself, but `*/**` does not name all of `*`.
      const last = j === outer.length - 1 && j > 0 && typeof outer[j - 1] !== 'string';
      if (!last) go(i, j + 1);
      if (left !== undefined) go(i + 1, j);
      if (left !== undefined && left !== anyDepth) go(i + 1, j + 1);
    } else if (left !== undefined && left !== anyDepth && right !== undefined && nameWithin(left, right)) {
      go(i + 1, j + 1);
    }
  });
}

function namesMeet(a: Named, b: Named): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a === b;
  return reaches(a.length, b.length, (i, j, go) => {
    const left = a[i];
    const right = b[j];
    if (left === anyRun) {
      go(i + 1, j);
      if (right !== undefined) go(i, j + 1);
    }
    if (right === anyRun) {
      go(i, j + 1);
      if (left !== undefined) go(i + 1, j);
    }
    if (left === undefined || right === undefined) return;
    if (left === right || left === anyOne || right === anyOne) go(i + 1, j + 1);
  });
}

function nameWithin(inner: Named, outer: Named): boolean {
  if (typeof outer === 'string') return inner === outer;
  return reaches(inner.length, outer.length, (i, j, go) => {
    const left = inner[i];
    const right = outer[j];
    if (right === anyRun) {
      go(i, j + 1);
      if (left !== undefined) go(i + 1, j);
    } else if (left !== undefined && right !== undefined && (right === anyOne ? left !== anyRun : left === right)) {
      go(i + 1, j + 1);
    }
  });
}

/** Can the pair of positions get from the start of both lists to the end of both? Visits each pair once. */
function reaches(
  rows: number,
  columns: number,
  steps: (i: number, j: number, go: (i: number, j: number) => void) => void,
): boolean {
  const width = columns + 1;
  const seen = new Uint8Array((rows + 1) * width);
  const open: number[] = [];
  const go = (i: number, j: number) => {
    const at = i * width + j;
    if (i > rows || j > columns || seen[at] === 1) return;
    seen[at] = 1;
    open.push(at);
  };
  go(0, 0);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === rows * width + columns) return true;
    steps(Math.floor(at / width), at % width, go);
  }
  return false;
}
