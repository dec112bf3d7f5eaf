import type { ReactNode } from 'react';
import type { ActionContext, ViewAct, ViewName } from '../../../commands/action.ts';
import type { Layer, LayerHost } from '../../layer.ts';
import { type Line, line } from '../../presentation/line.ts';
import type { Size } from '../../terminal/size.ts';
import { Page, pageHeight } from './parts.tsx';
import { scroll } from './scroll.ts';

/** Content of a page of text; `lines` gets the width between the frames and the height of the page. */
export interface TextPageContent {
  readonly title: Line;
  readonly lines: (width: number, height: number) => readonly Line[];
}

/** A full-screen view of text that scrolls and is rebuilt from the state for every frame. */
export class TextPage implements Layer {
  readonly floating = false;
  private offset = 0;

  constructor(
    protected readonly host: LayerHost,
    readonly view: ViewName,
    private readonly content: () => TextPageContent,
    readonly selection?: NonNullable<Layer['selection']>,
  ) {}

  act(what: ViewAct): void {
    const { columns, rows } = this.host.size();
    const height = pageHeight({ columns, rows: rows - 2 });
    this.offset = scroll(this.offset, what, this.content().lines(columns - 2, height).length, height);
    this.host.changed();
  }

  render(size: Size): ReactNode {
    const { title, lines } = this.content();
    const height = pageHeight(size);
    const all = lines(size.columns - 2, height);
    const offset = Math.min(this.offset, Math.max(0, all.length - height));
    const more = all.length > height ? line(`${Math.min(all.length, offset + height)} of ${all.length}`, 'dim') : [];
    return <Page size={size} title={title} note={more} lines={all.slice(offset, offset + height)} />;
  }
}

/** The item and run that a view was opened on, as they are now. */
export function current(host: LayerHost, opened: ActionContext): Pick<ActionContext, 'item' | 'instance'> {
  const state = host.handle.state();
  const { instance, item } = opened;
  const now = instance === null ? undefined : state.instances.findLast(one => one.runId === instance.runId);
  return { item, instance: now ?? instance };
}
