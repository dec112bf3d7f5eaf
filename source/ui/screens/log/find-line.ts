import type { LogFile } from '../../../ports/logs.ts';
import type { MatchIndex } from './match-index.ts';
import type { Wanted } from './matcher.ts';

const pieceLines = 2000;
/** Pieces that are scanned line by line before the index is asked. */
const nearPieces = 5;

interface Way {
  readonly direction: 1 | -1;
  readonly from: number;
  /** The line at `from` counts too. */
  readonly inclusive: boolean;
}

/** Result of scanning some pieces: a position, nothing up to the end, or nothing up to an offset. */
type Scan = { readonly found: number } | { readonly end: true } | { readonly reached: number };

/** Offset of the next or previous matching line; null if there is none, or `signal` aborted. */
export async function findLine(
  file: LogFile,
  wanted: Wanted,
  way: Way,
  signal: AbortSignal,
  index: () => MatchIndex,
): Promise<number | null> {
  const near = await scan(file, wanted, way, signal, nearPieces);
  if ('found' in near) return near.found;
  if ('end' in near || signal.aborted) return null;
  const all = index();
  if (way.direction === -1) return all.before(near.reached);
  const far = await all.after(near.reached - 1);
  if (far !== null || all.state !== 'complete') return far;
  // The log has grown since the index was started.
  const grown = { ...way, from: Math.max(near.reached, all.searched), inclusive: true };
  const last = await scan(file, wanted, grown, signal, Number.POSITIVE_INFINITY);
  return 'found' in last ? last.found : null;
}

async function scan(file: LogFile, wanted: Wanted, way: Way, signal: AbortSignal, pieces: number): Promise<Scan> {
  const { direction, from, inclusive } = way;
  let at = from;
  for (let piece = 0; piece < pieces; piece++) {
    const chunk = await (direction === 1 ? file.forward(at, pieceLines) : file.backward(at, pieceLines));
    const matches = chunk.lines.filter(({ offset, line }) => isOnWay(offset) && wanted.test(line));
    const hit = direction === 1 ? matches[0] : matches.at(-1);
    if (hit !== undefined) return { found: hit.offset };
    const next = direction === 1 ? chunk.end : chunk.start;
    if (signal.aborted || chunk.lines.length === 0 || next === at) return { end: true };
    at = next;
  }
  return { reached: at };

  function isOnWay(offset: number): boolean {
    if (direction === -1) return offset < from;
    return inclusive ? offset >= from : offset > from;
  }
}
