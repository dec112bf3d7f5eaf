import type { ReactNode } from 'react';
import type { Layer, LayerHost, Position } from '../../layer.ts';
import { type Line, line, span } from '../../presentation/line.ts';
import { fitText, textWidth, wrapWords } from '../../presentation/text.ts';
import type { KeyPress } from '../../terminal/keys.ts';
import type { Size } from '../../terminal/size.ts';
import { Dialog, dialogRect } from './parts.tsx';
import { areaHints, areaView, editArea, editorHint, staysInArea } from './text-area.ts';
import {
  edit,
  fieldLine,
  fieldOf,
  fieldText,
  fieldView,
  fits,
  insert,
  pastedText,
  type TextField,
} from './text-field.ts';

/** One field of a form. */
export interface FormField {
  readonly label: string;
  /** Several lines, one below its label, or one beside it. */
  readonly kind: 'area' | 'line' | 'cell';
  readonly text?: string;
  /** Stands below the fields while this one is typed in. */
  readonly hint?: string;
}

/** What a form asks for. */
export interface Form {
  readonly title: string;
  readonly fields: readonly FormField[];
  /** Rows above the fields; as many as there is room for. */
  readonly above?: readonly Line[];
  /** A sentence below the fields, which may depend on the texts. */
  readonly note?: string | ((texts: readonly string[]) => string);
  /** What Enter does in the last field, in one or two words. */
  readonly submitWord: string;
  /** Name under which text that was not sent is kept; null: it is not kept. */
  readonly draft: string | null;
  /** Takes the texts as typed; a sentence says why they cannot be sent, and keeps the form open at the field that it is about. */
  readonly submit: (texts: readonly string[]) => FormProblem | string | null;
}

/** What is wrong with the text of a field, by its place. */
interface FormProblem {
  readonly field: number;
  readonly problem: string;
}

const widest = 84;
/** Rows of a text of several lines, where there is room. */
const mostRows = 10;
/** Rows of the sentence below the fields. */
const noteRows = 2;
/** Columns from which the footer has room for the editor. */
const wideFooter = 70;

/** A dialog with text fields. What was typed and not sent is there again when it is next opened. */
export class FormDialog implements Layer {
  readonly view = null;
  readonly floating = true;
  private fields: readonly TextField[];
  private at = 0;

  constructor(
    private readonly host: LayerHost,
    private readonly form: Form,
  ) {
    const draft = form.draft === null ? undefined : host.drafts.get(form.draft);
    this.fields = form.fields.map(({ text = '' }, index) => fieldOf(draft?.[index] ?? text));
  }

  get takesLines(): boolean {
    return this.form.fields[this.at]?.kind === 'area';
  }

  get hints(): NonNullable<Layer['hints']> {
    const wide = this.host.size().columns >= wideFooter;
    return [
      ['Enter', this.goesOn() ? 'next' : this.form.submitWord],
      ...(this.takesLines ? areaHints : []),
      ...(this.takesLines && wide ? [editorHint] : []),
      ...(this.fields.length > 1 ? [['Tab', 'other field'] as const] : []),
      ['Esc', 'back'],
    ];
  }

  key(key: KeyPress): boolean {
    const field = this.fields[this.at];
    if (field === undefined) return false;
    const step = { tab: 1, 'shift+tab': -1, down: 1, up: -1 }[key.name];
    if (key.name === 'esc' || key.name === 'ctrl+c') this.leave();
    else if (key.name === 'ctrl+e' && this.takesLines) this.openEditor(field);
    else if (key.name === 'enter' && !(key.newline === true && this.takesLines)) this.enter();
    else if (step !== undefined && this.fields.length > 1 && !(this.takesLines && staysInArea(field, key.name)))
      this.go(this.at + step);
    else this.change(this.takesLines ? editArea(field, key) : edit(field, key));
    return true;
  }

  paste(text: string): void {
    const field = this.fields[this.at];
    if (field === undefined) return;
    const typed = pastedText(text);
    const pasted = this.takesLines ? typed : typed.replaceAll(/\s+/g, ' ');
    if (fits(field, pasted)) this.change(insert(field, pasted));
    else
      this.host.showMessage(
        'The text is longer than 2 MB, so it was not pasted. Put it into a file and name that.',
        'warning',
      );
  }

  private change(field: TextField | null): void {
    if (field === null) return;
    this.fields = this.fields.map((one, index) => (index === this.at ? field : one));
    this.host.changed();
  }

  private go(to: number): void {
    this.at = (to + this.fields.length) % this.fields.length;
    this.host.changed();
  }

  /** The user's editor gets the terminal, and what was saved comes back into the field. */
  private openEditor(field: TextField): void {
    const { at } = this;
    const taken = (text: string): void => {
      if (text.length > 0 && !fits(fieldOf(''), pastedText(text)))
        return this.host.showMessage('The text is longer than 2 MB, so it was not taken over.', 'warning');
      this.fields = this.fields.map((one, index) => (index === at ? fieldOf(pastedText(text)) : one));
    };
    void this.host.external({ type: 'text', text: fieldText(field), taken }).then(problem => {
      if (problem !== null) this.host.showMessage(problem, 'warning');
      this.host.changed();
    });
  }

  /** Enter leads from a long text to the fields below it, and sends from there. */
  private goesOn(): boolean {
    return this.at < this.fields.length - 1 && this.form.fields[this.at]?.kind !== 'cell';
  }

  private enter(): void {
    if (this.goesOn() && this.texts()[this.at]?.trim() !== '') return this.go(this.at + 1);
    const problem = this.form.submit(this.texts());
    if (problem !== null) {
      const { field, problem: sentence } = typeof problem === 'string' ? { field: 0, problem } : problem;
      this.host.showMessage(sentence, 'warning');
      return this.go(field);
    }
    if (this.form.draft !== null) this.host.drafts.delete(this.form.draft);
    this.host.close(this);
  }

  private leave(): void {
    const { draft, fields } = this.form;
    const texts = this.texts();
    this.host.close(this);
    if (draft === null) return;
    const isNew = texts.some((text, index) => text.trim() !== '' && text !== (fields[index]?.text ?? ''));
    if (!isNew) return void this.host.drafts.delete(draft);
    this.host.drafts.set(draft, texts);
    this.host.showMessage('Not sent. What you typed is kept and is there again the next time.');
  }

  private texts(): readonly string[] {
    return this.fields.map(fieldText);
  }

  textCursor(size: Size): Position | null {
    return this.draw(size).cursor;
  }

  render(size: Size): ReactNode {
    const { lines } = this.draw(size);
    return <Dialog size={size} title={this.form.title} lines={lines} wanted={widest} />;
  }

  /** The rows, and where the cursor is on the screen. */
  private draw(size: Size): { readonly lines: readonly Line[]; readonly cursor: Position } {
    const { fields } = this.form;
    const width = Math.min(size.columns, widest) - 2;
    const rows = this.areaRows(size.rows);
    const lines: Line[] = [...aboveLines(this.form.above ?? [], Math.max(1, size.rows - 9))];
    let cursor = { row: 0, column: 0 };
    const labelWidth = Math.max(0, ...fields.map(({ kind, label }) => (kind === 'cell' ? textWidth(label) : 0)));
    for (const [index, { label, kind }] of fields.entries()) {
      const active = index === this.at;
      const field = this.fields[index] ?? fieldOf('');
      const drawn =
        kind === 'cell'
          ? cellRow(field, { label, labelWidth, width, active })
          : fieldRows(field, { label, width, active, rows: kind === 'area' ? rows : null });
      if (kind !== 'cell' || fields[index - 1]?.kind !== 'cell') lines.push([]);
      if (active) cursor = { row: lines.length + drawn.cursor.row, column: drawn.cursor.column };
      lines.push(...drawn.lines);
    }
    const note = this.note();
    if (note !== null) {
      const rows = wrapWords(note, width - 3).slice(0, noteRows);
      lines.push([], ...rows.map(row => line(` ${row}`, 'dim')));
      // As high with one row as with two: the dialog does not jump from field to field.
      for (let row = rows.length; row < this.noteHeight(); row++) lines.push([]);
    }
    const { left, top } = dialogRect(size, lines.length, widest);
    return { lines, cursor: { x: left + 4 + cursor.column, y: top + 1 + cursor.row } };
  }

  private note(): string | null {
    const { fields, note } = this.form;
    return fields[this.at]?.hint ?? (typeof note === 'function' ? note(this.texts()) : (note ?? null));
  }

  /** Rows below the fields, without the empty one. */
  private noteHeight(): number {
    const isFixed = typeof this.form.note !== 'function' && this.form.fields.every(({ hint }) => hint === undefined);
    return isFixed ? 1 : noteRows;
  }

  private areaRows(height: number): number {
    const { fields, above = [] } = this.form;
    const areas = fields.filter(({ kind }) => kind === 'area').length;
    const cells = fields.filter(({ kind }) => kind === 'cell').length;
    const single = fields.length - areas - cells;
    const fixed =
      2 +
      areas * 2 +
      single * 3 +
      (cells === 0 ? 0 : cells + 1) +
      (this.note() === null ? 0 : 1 + this.noteHeight()) +
      Math.min(above.length, height - 9);
    return Math.max(1, Math.min(mostRows, Math.floor((height - fixed) / Math.max(1, areas))));
  }
}

/** Rows of one field, and where the cursor is in them. */
interface Drawn {
  readonly lines: readonly Line[];
  readonly cursor: { readonly row: number; readonly column: number };
}

/** A field beside its label. */
function cellRow(
  field: TextField,
  at: { readonly label: string; readonly labelWidth: number; readonly width: number; readonly active: boolean },
): Drawn {
  const { label, labelWidth, width, active } = at;
  const room = width - labelWidth - 6;
  const { line: text, column } = fieldView(field, room);
  const name = span(fitText(label, labelWidth), active ? 'strong' : 'dim');
  const value = active ? text : fieldLine(field, room, false);
  return {
    lines: [[span(active ? ' ▸ ' : '   ', 'hint'), name, span('  '), ...value]],
    cursor: { row: 0, column: column + labelWidth + 2 },
  };
}

/** A field below its label: of several rows, or of one where `rows` is null. */
function fieldRows(
  field: TextField,
  at: { readonly label: string; readonly width: number; readonly active: boolean; readonly rows: number | null },
): Drawn {
  const { label, width, active, rows } = at;
  const title = line(` ${label}`, active ? 'strong' : 'dim');
  const gutter = span(' │ ', active ? 'hint' : 'dim');
  const first = active ? span(' ▸ ', 'hint') : gutter;
  if (rows === null) {
    const { line: text, column } = fieldView(field, width - 4);
    const value = active ? text : fieldLine(field, width - 4, false);
    return { lines: [title, [first, ...value]], cursor: { row: 1, column } };
  }
  // A text that is not typed in shows its beginning.
  const shown = active ? field : { before: '', after: fieldText(field) };
  const { lines, row, column } = areaView(shown, width - 5, rows, active);
  const text = lines.map((one, index): Line => [index === 0 ? first : gutter, ...one]);
  return { lines: [title, ...text], cursor: { row: row + 1, column } };
}

function aboveLines(above: readonly Line[], room: number): readonly Line[] {
  if (above.length <= room) return above;
  return [...above.slice(0, room - 1), line(` … and ${above.length - room + 1} more`, 'dim')];
}
