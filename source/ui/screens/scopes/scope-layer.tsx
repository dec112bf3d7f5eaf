import type { ReactNode } from 'react';
import { allItems, planInput } from '../../../coordinator/state/planning.ts';
import { messageOf } from '../../../domain/errors.ts';
import { gainOf, gainSentence } from '../../../domain/scope/suggest/proposal.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import { Frame } from '../../components/frame.tsx';
import { type ListRow, Rows } from '../../components/table.tsx';
import type { Layer, LayerHost, OpenLayer, Position } from '../../layer.ts';
import { type Line, line } from '../../presentation/line.ts';
import type { KeyPress } from '../../terminal/keys.ts';
import type { Size } from '../../terminal/size.ts';
import { Page, pageHeight } from '../parts/parts.tsx';
import { edit, emptyField, fieldLine, fieldText, fieldView, insert, type TextField } from '../parts/text-field.ts';
import {
  chosenScopes,
  entriesOf,
  rowsOf,
  rowText,
  type ScopeEntry,
  type ScopeRow,
  toggled,
  withPath,
} from './scope-list.ts';

const listHints = [
  ['Space', 'take or leave'],
  ['a', 'add a path'],
  ['y', 'set these scopes'],
  ['Esc', 'back'],
] as const;
const typingHints = [
  ['Enter', 'add'],
  ['Esc', 'back'],
] as const;

/** Lists suggested files with reasons, lets a person change them, and sets exactly what is shown. */
class ScopeLayer implements Layer {
  readonly view = null;
  readonly floating = false;
  private entries: readonly ScopeEntry[] | null = null;
  private notes: readonly string[] = [];
  private problem: string | null = null;
  private cursor = 0;
  private offset = 0;
  private typing: TextField | null = null;

  constructor(
    private readonly host: LayerHost,
    wanted: readonly string[],
    selected: string | null,
  ) {
    if (host.suggest === null) {
      this.problem = 'This screen cannot search the repository.';
      return;
    }
    host.suggest(wanted).then(
      ({ proposals, notes }) => {
        this.entries = entriesOf(proposals);
        this.notes = notes;
        this.cursor = Math.max(
          0,
          this.rows().findIndex(({ entry }) => entry.proposal.id === selected),
        );
        host.changed();
      },
      (error: unknown) => {
        this.problem = messageOf(error);
        host.changed();
      },
    );
  }

  get hints(): NonNullable<Layer['hints']> {
    return this.typing === null ? listHints : typingHints;
  }

  textCursor(size: Size): Position | null {
    if (this.typing === null) return null;
    return { x: 1 + fieldView(this.typing, size.columns - 4).column, y: size.rows - 2 };
  }

  key(key: KeyPress): boolean {
    if (this.typing !== null) this.type(key);
    else if (!this.command(key)) return false;
    this.host.changed();
    return true;
  }

  paste(text: string): void {
    if (this.typing !== null) this.typing = insert(this.typing, sanitizeLine(text, 400));
    this.host.changed();
  }

  private command({ name }: KeyPress): boolean {
    const rows = this.rows();
    const page = Math.max(1, this.pageRows(this.host.size()) - 1);
    const go = (by: number) => {
      this.cursor = Math.max(0, Math.min(rows.length - 1, this.cursor + by));
      return true;
    };
    const row = rows[this.cursor];
    switch (name) {
      case 'down':
        return go(1);
      case 'up':
        return go(-1);
      case 'pgdn':
        return go(page);
      case 'pgup':
        return go(-page);
      case 'esc':
      case 'ctrl+c':
        this.host.close(this);
        return true;
      case 'enter':
        return this.set();
      default:
    }
    switch (name) {
      case 'j':
        return go(1);
      case 'k':
        return go(-1);
      case 'g':
        return go(-rows.length);
      case 'G':
        return go(rows.length);
      case 'space':
        if (row !== undefined && this.entries !== null) this.entries = toggled(this.entries, row);
        return true;
      case 'a':
        if (row !== undefined) this.typing = emptyField;
        return true;
      case 'n':
      case 'q':
        this.host.close(this);
        return true;
      case 'y':
        return this.set();
      default:
        return false;
    }
  }

  private type(key: KeyPress): void {
    const row = this.rows()[this.cursor];
    if (key.name === 'esc' || key.name === 'ctrl+c') this.typing = null;
    else if (key.name === 'enter' && this.typing !== null && this.entries !== null && row !== undefined) {
      const path = fieldText(this.typing).trim().replace(/^\.\//, '');
      if (path !== '') this.entries = withPath(this.entries, row.entry, path);
      this.typing = null;
    } else if (this.typing !== null) this.typing = edit(this.typing, key) ?? this.typing;
  }

  private set(): boolean {
    const scopes = chosenScopes(this.entries ?? [], allItems(this.host.handle.state()));
    if (scopes.length === 0) {
      this.host.showMessage(this.problem ?? 'Nothing is taken. Press Space on a file to take it.', 'warning');
      return true;
    }
    this.host.close(this);
    const wanted = scopes.map(({ priorityId, paths, dependsOn }) => ({ id: priorityId, paths, dependsOn }));
    this.host.send({ type: 'set-scopes', scopes: wanted });
    return true;
  }

  private rows(): readonly ScopeRow[] {
    return rowsOf(this.entries ?? []);
  }

  private pageRows(size: Size): number {
    return Math.max(1, pageHeight(size) - this.below(size.columns).length);
  }

  /** What stands under the list: the path being typed, or the gain and what to know about it. */
  private below(width: number): readonly Line[] {
    if (this.typing !== null) return [line(' Path or glob to add:', 'hint'), fieldLine(this.typing, width - 4, true)];
    const state = this.host.handle.state();
    const scopes = chosenScopes(this.entries ?? [], allItems(state));
    const gain = gainSentence(gainOf(planInput(state, this.host.now()), scopes));
    return [line(''), line(` ${gain}`, 'strong'), ...this.notes.map(note => line(` ${note}`, 'dim'))];
  }

  render(size: Size): ReactNode {
    const { columns: width, rows: height } = size;
    const title = line('Suggested files', 'title');
    if (this.problem !== null)
      return <Page size={size} title={title} lines={[line(` ✗ ${sanitizeLine(this.problem, 400)}`, 'danger')]} />;
    if (this.entries === null)
      return <Page size={size} title={title} lines={[line(' Searching the repository and its history …', 'dim')]} />;
    if (this.entries.length === 0)
      return <Page size={size} title={title} lines={[line(' No planned item has an unknown scope.')]} />;
    const rows = this.rows();
    const page = this.pageRows(size);
    this.offset = Math.max(0, Math.min(this.offset, this.cursor, rows.length - 1));
    if (this.cursor >= this.offset + page) this.offset = this.cursor - page + 1;
    const name = Math.min(
      Math.max(28, Math.floor(width * 0.5)),
      Math.max(28, ...rows.map(row => rowText(row).name.length + 3)),
    );
    const columns = [
      { name: 'name', width: name },
      { name: 'why', width: Math.max(1, width - 2 - name) },
    ];
    const visible = rows.slice(this.offset, this.offset + page).map((row, place) => this.row(row, this.offset + place));
    const gap = Array.from({ length: page - visible.length }, (): ListRow => ({ cells: { name: line('') } }));
    const below = this.below(width).map(text => ({ cells: { name: text } }));
    return (
      <Frame rect={{ left: 0, top: 0, width, height }} heading={{ title, focused: true }}>
        <Rows columns={columns} rows={[...visible, ...gap]} />
        <Rows columns={[{ name: 'name', width: width - 2 }]} rows={below} />
      </Frame>
    );
  }

  private row(row: ScopeRow, place: number): ListRow {
    const { name, why } = rowText(row);
    const taken = row.type === 'choice' && row.choice.taken;
    const tone = row.type === 'item' ? 'strong' : taken ? 'plain' : 'dim';
    return { cells: { name: line(` ${name}`, tone), why: line(` ${why}`, 'dim') }, selected: place === this.cursor };
  }
}

/** For the selected item where its scope is known already, else for every item of unknown scope. */
export const openScopes: OpenLayer = (host, { item }) =>
  new ScopeLayer(host, item === null || item.scope.kind === 'unknown' ? [] : [item.id], item?.id ?? null);
