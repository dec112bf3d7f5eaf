import type { ReactNode } from 'react';
import { adHocItem, nextAdHocNumber } from '../../domain/ad-hoc.ts';
import { sanitizeBlock } from '../../domain/text/sanitize.ts';
import type { Layer, LayerHost, OpenLayer } from '../layer.ts';
import { type Line, line, span } from '../presentation/line.ts';
import type { KeyPress } from '../terminal/keys.ts';
import type { Size } from '../terminal/size.ts';
import { Dialog } from './parts/parts.tsx';
import { edit, emptyField, fieldLine, fieldText, insert, type TextField } from './parts/text-field.ts';

/** Asks what an agent should do and, optionally, which files it may change. */
class NewItem implements Layer {
  readonly view = null;
  readonly floating = true;
  readonly hints = [
    ['Enter', 'next, then start'],
    ['Tab', 'other field'],
    ['Esc', 'back'],
  ] as const;
  private prompt: TextField = emptyField;
  private files: TextField = emptyField;
  private at: 'prompt' | 'files' = 'prompt';

  constructor(private readonly host: LayerHost) {}

  key(key: KeyPress): boolean {
    if (key.name === 'esc' || key.name === 'ctrl+c') this.host.close(this);
    else if (key.name === 'enter') this.enter();
    else if (['tab', 'shift+tab', 'up', 'down'].includes(key.name)) this.go(this.at === 'prompt' ? 'files' : 'prompt');
    else this.change(edit(this[this.at], key));
    return true;
  }

  paste(text: string): void {
    this.change(insert(this[this.at], sanitizeBlock(text, 20_000).replaceAll('\n', ' ')));
  }

  private change(field: TextField | null): void {
    if (field === null) return;
    this[this.at] = field;
    this.host.changed();
  }

  private go(to: 'prompt' | 'files'): void {
    this.at = to;
    this.host.changed();
  }

  private enter(): void {
    if (fieldText(this.prompt).trim() === '') {
      this.host.showMessage('Type what the agent should do first. Esc goes back.', 'warning');
      this.at = 'prompt';
    } else if (this.at === 'prompt') this.go('files');
    else this.submit();
  }

  private submit(): void {
    const { state } = this.host.context();
    const item = adHocItem({
      title: '',
      prompt: fieldText(this.prompt),
      files: fieldText(this.files).split(/[\s,]+/),
      number: nextAdHocNumber([...state.roadmap.items, ...state.adHoc]),
    });
    this.host.close(this);
    this.host.send({ type: 'run', item });
  }

  render(size: Size): ReactNode {
    const width = Math.min(size.columns, 84);
    const lines: readonly Line[] = [
      line(''),
      line(' What should the agent do?', this.at === 'prompt' ? 'strong' : 'dim'),
      [span(this.at === 'prompt' ? ' ▸ ' : '   ', 'hint'), ...fieldLine(this.prompt, width - 6, this.at === 'prompt')],
      line(''),
      line(
        ' Which files may it change? Globs such as src/shop/** (empty: unknown)',
        this.at === 'files' ? 'strong' : 'dim',
      ),
      [span(this.at === 'files' ? ' ▸ ' : '   ', 'hint'), ...fieldLine(this.files, width - 6, this.at === 'files')],
      line(''),
      line(' With files given, it can run beside items that change other files.', 'dim'),
    ];
    return <Dialog size={size} title="New item" lines={lines} wanted={84} />;
  }
}

export const openNewItem: OpenLayer = host => new NewItem(host);
