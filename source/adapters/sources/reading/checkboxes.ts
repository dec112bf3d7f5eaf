/** What all forms of checkbox lists have in common: leaves are items, what they are nested in is their group. */
import type { ItemStatus, SourceProblem } from '../../../domain/item.ts';
import { statusOfBox } from '../../../domain/roadmap/status.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { FoundItem } from '../../../ports/sources.ts';
import { type Box, type BoxDocument, readBoxes, textOfBox } from './boxes.ts';
import { type Edit, type FileContent, gather, plainItem, type SourceFile } from './format.ts';

/** One box of a file with what its form makes of it. */
export interface BoxItem extends Partial<Omit<FoundItem, 'line' | 'endLine' | 'path' | 'heading' | 'status' | 'text'>> {
  readonly name: string;
  readonly short: string;
  readonly title: string;
  /** What stands before the item's own lines in the prompt. */
  readonly about?: string;
}

export interface BoxForm {
  /** What a box is; null: no item. `leaves` are the boxes that hold no others, in document order. */
  readonly item: (box: Box, at: number, document: BoxDocument) => BoxItem | null;
  /** Other characters in the brackets than `x`, `~` and `-`. */
  readonly marks?: Readonly<Record<string, ItemStatus>>;
}

/** The items of a file of checkboxes, each with the place of its mark. */
export function readBoxItems(
  file: SourceFile,
  form: BoxForm,
): { readonly content: FileContent; readonly boxes: ReadonlyMap<string, Box> } {
  const document = readBoxes(file.text);
  const problems: SourceProblem[] = [];
  const boxes = new Map<string, Box>();
  const seen = new Set<string>();
  const leaves = document.boxes.filter(box => !box.hasChildren);
  const make = ([at, box]: readonly [number, Box]): FoundItem | null => {
    const found = form.item(box, at, document);
    if (found === null) return null;
    const { about, ...known } = found;
    const status = form.marks?.[box.mark] ?? statusOfBox(box.mark);
    if (status === null) {
      const shown = sanitizeLine(box.mark, 4);
      const message = `${known.short}: "[${shown}]" is an unknown status, so the item never runs. Write [ ], [x], [~] or [-].`;
      problems.push({ line: box.index + 1, code: 'status', message });
    }
    const own = textOfBox(document, box);
    // Which of two with one name is meant cannot be known, so neither is written to.
    if (seen.has(known.name)) boxes.delete(known.name);
    else boxes.set(known.name, box);
    seen.add(known.name);
    return {
      ...plainItem,
      ...known,
      status: status ?? 'unknown',
      heading: sanitizeLine(document.lines[box.index] ?? '', 400),
      line: box.index + 1,
      endLine: Math.max(box.index + 1, box.end),
      path: file.path,
      text: about === undefined ? own : `${about}\n\n${own}`,
    };
  };
  return { content: gather(file.path, leaves.entries(), make, problems, document.unread), boxes };
}

/** The character in the item's brackets, set. */
export function setBox(boxes: ReadonlyMap<string, Box>, name: string, to: 'complete' | 'planned'): Edit | null {
  const box = boxes.get(name);
  if (box === undefined) return null;
  const done = box.mark === 'x' || box.mark === 'X';
  const text = to === 'complete' ? (done ? box.mark : 'x') : done ? ' ' : box.mark;
  return { start: box.at, end: box.at + box.mark.length, text };
}

/** The words of the boxes that a box is nested in, from the outermost on. */
export function parentsOf(box: Box): readonly Box[] {
  return box.parent === null ? [] : [...parentsOf(box.parent), box.parent];
}

/** True where most of the list entries in a text are checkboxes. */
export function hasBoxes(text: string): boolean {
  return readBoxes(text.length > 500_000 ? text.slice(0, 500_000) : text).boxes.length > 0;
}

interface Step {
  readonly id: string;
  /** Marked to run beside its neighbours. */
  readonly beside: boolean;
  readonly phase: string;
}

/** Which items each one waits for, by the order of the file: those of the step before. */
export class StepOrder {
  #phase: string | null = null;
  #before: readonly string[] = [];
  #current: string[] = [];
  #beside = false;

  next({ id, beside, phase }: Step): readonly string[] {
    const joins = this.#phase === phase && beside && this.#beside;
    if (!joins && this.#current.length > 0) {
      this.#before = this.#current;
      this.#current = [];
    }
    this.#phase = phase;
    this.#beside = beside;
    this.#current.push(id);
    return this.#before;
  }
}
