import type { ReactNode } from 'react';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import { TextFrame } from '../components/frame.tsx';
import type { Layer, LayerHost, OpenLayer, Position } from '../layer.ts';
import type { Rect } from '../presentation/layout.ts';
import { line, span } from '../presentation/line.ts';
import type { KeyPress } from '../terminal/keys.ts';
import type { Size } from '../terminal/size.ts';
import { edit, emptyField, fieldText, fieldView, insert, type TextField } from './parts/text-field.ts';

/** A text field at the bottom of the screen; filters with every key. */
class LineInput implements Layer {
  readonly view = null;
  readonly floating = true;
  readonly hints = [
    ['Enter', 'keep'],
    ['Esc', 'clear'],
  ] as const;
  private field: TextField = emptyField;

  constructor(private readonly host: LayerHost) {}

  key(key: KeyPress): boolean {
    if (key.name === 'enter') this.host.close(this);
    else if (key.name === 'esc' || key.name === 'ctrl+c') {
      this.host.filter('');
      this.host.close(this);
    } else this.change(edit(this.field, key));
    return true;
  }

  paste(text: string): void {
    this.change(insert(this.field, sanitizeLine(text, 200)));
  }

  private change(field: TextField | null): void {
    if (field === null) return;
    this.field = field;
    this.host.filter(fieldText(field));
  }

  textCursor(size: Size): Position {
    const rect = rectOf(size);
    return { x: rect.left + 4 + fieldView(this.field, rect.width - 6).column, y: rect.top + 1 };
  }

  render(size: Size): ReactNode {
    const rect = rectOf(size);
    const content = [[span(' / ', 'hint'), ...fieldView(this.field, rect.width - 6).line]];
    return (
      <TextFrame
        rect={rect}
        lines={content}
        heading={{ title: line('Filter the roadmap', 'title'), focused: true }}
        solid
      />
    );
  }
}

function rectOf(size: Size): Rect {
  return { left: 0, top: size.rows - 3, width: Math.min(size.columns, 60), height: 3 };
}

export const openFilter: OpenLayer = host => new LineInput(host);
