import { messageOf } from '../../../domain/errors.ts';
import type { LogFile } from '../../../ports/logs.ts';
import type { LayerHost } from '../../layer.ts';
import { lineText, span } from '../../presentation/line.ts';
import type { KeyPress } from '../../terminal/keys.ts';
import { edit, type FieldView, fieldText, fieldView, insert, type TextField } from '../parts/text-field.ts';
import { renderPlain } from './render-rows.ts';

const pieceLines = 2000;

/** Keys of the footer while a name is typed. */
export const saveHints = [
  ['Enter', 'save'],
  ['Esc', 'back'],
] as const;

/** Asks where to save a log, and saves it. */
export class SavePrompt {
  private field: TextField;

  constructor(
    private readonly host: LayerHost,
    name: string,
    private readonly text: () => AsyncIterable<string>,
  ) {
    this.field = { before: name, after: '' };
  }

  /** True: done, the field closes. */
  key(key: KeyPress): boolean {
    if (key.name === 'esc' || key.name === 'ctrl+c') return true;
    if (key.name === 'enter') {
      this.save(fieldText(this.field).trim());
      return true;
    }
    this.field = edit(this.field, key) ?? this.field;
    return false;
  }

  paste(text: string): void {
    this.field = insert(this.field, text.replaceAll(/\s+/g, ' ').slice(0, 400));
  }

  line(width: number): FieldView {
    const question = ' Save to ';
    const { line, column } = fieldView(this.field, width - question.length - 1);
    return { line: [span(question, 'hint'), ...line], column: column + question.length };
  }

  private save(path: string): void {
    const { save } = this.host;
    if (path === '') return this.host.showMessage('Nothing saved: no file name given.', 'warning');
    if (save === null) return this.host.showMessage('This screen cannot write files.', 'warning');
    save(path, this.text()).then(
      sentence => this.host.showMessage(sentence),
      (error: unknown) => this.host.showMessage(messageOf(error), 'error'),
    );
  }
}

/** A complete log as text, piece by piece. */
export async function* textOfLog(file: LogFile, withTime: boolean): AsyncIterable<string> {
  for (let at = 0; ; ) {
    const chunk = await file.forward(at, pieceLines);
    if (chunk.lines.length === 0 || chunk.end <= at) return;
    yield chunk.lines.map(({ line }) => `${lineText(renderPlain(line, withTime))}\n`).join('');
    at = chunk.end;
  }
}
