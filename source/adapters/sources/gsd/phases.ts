/** The phases of a GSD roadmap: their headings, their boxes in the list, their plans with the waves in which these run. */
import type { ItemStatus } from '../../../domain/item.ts';
import { type Outline, readOutline } from '../../../domain/roadmap/document/outline.ts';
import { readStatus } from '../../../domain/roadmap/status.ts';
import { type Box, plainWords, readBoxes } from '../reading/boxes.ts';

export interface PhasePlan {
  readonly id: string;
  readonly title: string;
  readonly box: Box;
  /** Plans of one wave run side by side, after those of the waves before it; null: nothing says. */
  readonly wave: number | null;
  /** Further plans that its words name. */
  readonly wants: readonly string[];
}

export interface Phase {
  readonly number: string;
  readonly title: string;
  /** Lines of its section as indices; equal where it has none. */
  readonly start: number;
  readonly end: number;
  box: Box | null;
  readonly plans: PhasePlan[];
}

const phaseWords = /^(?:[^\p{L}\d]*)Phase\s+(\d{1,4}(?:\.\d{1,4})?)\s*[:.–—-]?\s*(.*)$/iu;
/** Without the number of its phase, in whose section it stands. */
const shortPlanWords = /^(\d{1,4})-PLAN(?:\.md)?\b\s*(.*)$/iu;
const planWords =
  /^(?:Plan\s+)?(\d{1,4}(?:\.\d{1,4})?-\d{1,4}|\d{1,4}\.\d{1,4})(?:-PLAN(?:\.md)?|\.md)?\s*[:–—-]?\s*(.*)$/iu;

/** Phases of one roadmap; nobody plans more, and each may wait for all before it. */
const phaseLimit = 1000;

export interface PhaseReading {
  readonly outline: Outline;
  readonly phases: readonly Phase[];
  /** Lines or phases at the end were left out, since there are more than are read. */
  readonly isCut: boolean;
}

export function readPhases(text: string): PhaseReading {
  const outline = readOutline(text);
  const { boxes } = readBoxes(text);
  const phases = new Map<string, Phase>();
  const add = (number: string, title: string, start: number, end: number): Phase => {
    const known = phases.get(number);
    if (known !== undefined && (known.end > known.start || end === start)) return known;
    const phase = {
      number,
      title: known?.title ?? title,
      start,
      end,
      box: known?.box ?? null,
      plans: known?.plans ?? [],
    };
    phases.set(number, phase);
    return phase;
  };
  for (const box of boxes) {
    const match = phaseWords.exec(plainWords(box.text));
    if (match === null) continue;
    const phase = add(match[1] ?? '', (match[2] ?? '').split(/\s[-–—]\s/)[0] ?? '', box.index, box.index);
    phase.box ??= box;
  }
  const ends = endsOf(outline);
  const leaves = boxes.filter(box => !box.hasChildren);
  for (const [at, heading] of outline.headings.entries()) {
    const match = phaseWords.exec(plainWords((outline.lines[heading.index] ?? '').slice(heading.start, heading.end)));
    if (match === null) continue;
    const end = ends[at] ?? outline.lines.length;
    const phase = add(match[1] ?? '', match[2] ?? '', heading.index, end);
    for (let next = firstAfter(leaves, heading.index); (leaves[next]?.index ?? end) < end; next++) {
      const box = leaves[next];
      if (box === undefined) break;
      const plan = planIn(outline, phase, box);
      if (plan !== null) phase.plans.push(plan);
    }
  }
  const all = [...phases.values()];
  return { outline, phases: all.slice(0, phaseLimit), isCut: outline.unread > 0 || all.length > phaseLimit };
}

/** For each heading the line at which its section ends: at the next one of its level or a higher one. */
function endsOf({ headings, lines }: Outline): readonly number[] {
  const ends = headings.map(() => lines.length);
  const open: number[] = [];
  for (const [at, heading] of headings.entries()) {
    while (open.length > 0 && (headings[open.at(-1) ?? 0]?.level ?? 0) >= heading.level)
      ends[open.pop() ?? 0] = heading.index;
    open.push(at);
  }
  return ends;
}

/** The place in the list of the first box below a line. */
function firstAfter(boxes: readonly Box[], line: number): number {
  let low = 0;
  let high = boxes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((boxes[middle]?.index ?? 0) > line) high = middle;
    else low = middle + 1;
  }
  return low;
}

const waveWords = /\bwave\s+(\d{1,3})\b/i;

/** `01-02-PLAN.md — words`, or `02-PLAN.md — words` in the section of its phase; null: the box is something else. */
function planIn(outline: Outline, phase: Phase, box: Box): PhasePlan | null {
  const words = plainWords(box.text);
  const whole = planWords.exec(words);
  const short = whole === null ? shortPlanWords.exec(words) : null;
  const padded = phase.number.replace(/^\d+/, digits => digits.padStart(2, '0'));
  const id = whole?.[1] ?? (short === null ? null : `${padded}-${short[1] ?? ''}`);
  if (id === null) return null;
  const title = (whole?.[2] ?? short?.[2] ?? '').replace(/^[\s:–—-]+/, '');
  const said = /[[(]\s*depends on:?\s+([^\])]*)[\])]/i.exec(words)?.[1] ?? '';
  return {
    id,
    title,
    box,
    wave: waveOf(outline, phase, box),
    wants: said.match(/\d{1,4}(?:\.\d{1,4})?-\d{1,4}/g) ?? [],
  };
}

/** The wave that its words name, or the bold line or heading above it, or all plans of the phase. */
function waveOf({ lines }: Outline, { start }: Phase, box: Box): number | null {
  const own = /\(wave\s+(\d{1,3})\)/i.exec(box.text)?.[1];
  if (own !== undefined) return Number(own);
  for (let index = box.index - 1; index > start; index--) {
    const line = lines[index] ?? '';
    if (/^\*\*plans\b/i.test(line)) return /\b(?:in 1 wave|all parallel)\b/i.test(line) ? 1 : null;
    if (/^(?:\*\*|#{3,6}\s)/.test(line) && !/^(?:\*\*|#{3,6}\s+)plans?\b/i.test(line)) {
      const wave = waveWords.exec(line)?.[1];
      return wave === undefined ? null : Number(wave);
    }
  }
  return null;
}

/** The value of a label such as `**Depends on**:` in a phase's section; null: it has none. */
export function fieldIn({ lines }: Outline, { start, end }: Phase, label: RegExp): string | null {
  for (let index = start; index < end; index++) {
    const match = /^\s*(?:[-*]\s+)?\*\*([^*:]+):?\*\*:?\s*(.*)$/.exec(lines[index] ?? '');
    if (match !== null && label.test(match[1] ?? '')) return (match[2] ?? '').trim();
  }
  return null;
}

/** What the table of progress says of each phase that it names. */
export function statusesInTable({ lines }: Outline): ReadonlyMap<string, ItemStatus> {
  const statuses = new Map<string, ItemStatus>();
  for (const line of lines) {
    if (!line.startsWith('|')) continue;
    const cells = line.split('|', 20).map(cell => cell.trim());
    const number = /^(?:Phase\s+)?(\d{1,4}(?:\.\d{1,4})?)\b/i.exec(cells[1] ?? '')?.[1];
    if (number === undefined || statuses.has(number)) continue;
    const known = cells
      .slice(2)
      .map(readStatus)
      .find(status => status !== 'unknown');
    if (known !== undefined) statuses.set(number, known);
  }
  return statuses;
}

/** Phases that a phase waits for: those it names; the one before it where it says nothing. */
export function phasesBefore(outline: Outline, phase: Phase, all: readonly Phase[]): readonly Phase[] {
  const written = fieldIn(outline, phase, /^depends on$/i) ?? listBelow(outline, phase, /^dependencies$/i);
  const at = all.indexOf(phase);
  if (written !== null && /^[\s-]*all (?:previous|prior|earlier|other) phases/i.test(written))
    return all.slice(0, Math.max(0, at));
  if (written === null) return at > 0 ? all.slice(at - 1, at) : [];
  const numbers: readonly string[] = /^(?:nothing|none|n\/a)/i.test(written)
    ? []
    : (written.match(/(?<![\w.-])\d{1,4}(?:\.\d{1,4})?(?![\w-])/g) ?? []);
  return all.filter(one => one !== phase && numbers.includes(one.number));
}

/** The entries below a heading in a phase's section, in one line; null: it has no such heading. */
function listBelow({ lines, headings }: Outline, { start, end }: Phase, title: RegExp): string | null {
  const at = headings.findIndex(
    heading =>
      heading.index > start &&
      heading.index < end &&
      title.test((lines[heading.index] ?? '').slice(heading.start, heading.end)),
  );
  const heading = headings[at];
  if (heading === undefined) return null;
  const last = Math.min(end, headings[at + 1]?.index ?? end);
  return lines
    .slice(heading.index + 1, last)
    .filter(line => /^\s*[-*+]\s/.test(line))
    .map(line => line.replace(/\([^)]*\)/g, ''))
    .join(' ');
}
