import { adHocItem, nextAdHocNumber, scopeOfGlobs, titleOfPrompt } from '../../domain/ad-hoc.ts';
import type { Item } from '../../domain/item.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { LayerHost, OpenLayer } from '../layer.ts';
import { FormDialog, type FormField } from './parts/form-dialog.tsx';

const empty = 'Type what the agent should do first. Esc goes back.';
const note = 'With files given, it can run beside items that change other files.';

function fieldsOf(item: Item | null): readonly FormField[] {
  return [
    { label: 'What should the agent do?', kind: 'area', text: item?.prompt ?? '' },
    {
      label: 'Which files may it change? Globs such as src/shop/** (empty: unknown)',
      kind: 'line',
      text: item?.scope.kind === 'known' ? item.scope.paths.join(' ') : '',
    },
  ];
}

function globsOf(text: string): readonly string[] {
  return text.split(/[\s,]+/);
}

/** Asks what an agent should do and, optionally, which files it may change. The first line becomes the title. */
export const openNewItem: OpenLayer = host =>
  new FormDialog(host, {
    title: 'New item',
    fields: fieldsOf(null),
    note,
    submitWord: 'start',
    draft: 'new-item',
    submit: ([prompt = '', files = '']) => {
      if (prompt.trim() === '') return empty;
      const { state } = host.context();
      const number = nextAdHocNumber([...state.roadmap.items, ...state.adHoc]);
      host.send({ type: 'run', item: adHocItem({ title: '', prompt, files: globsOf(files), number }) });
      return null;
    },
  });

/** Changes an ad-hoc item that has not started. */
export const openEditItem: OpenLayer = (host, { item }) => {
  if (item === null) throw new Error('no item to edit');
  return editDialog(host, item);
};

function editDialog(host: LayerHost, item: Item): FormDialog {
  return new FormDialog(host, {
    title: `Edit ${sanitizeLine(item.key, 40)}`,
    fields: fieldsOf(item),
    note,
    submitWord: 'save',
    draft: `edit ${item.id}`,
    submit: ([prompt = '', files = '']) => {
      if (prompt.trim() === '') return empty;
      const scope = scopeOfGlobs(globsOf(files));
      const change = { prompt, title: titleOfPrompt('', prompt), scope };
      host.send({ type: 'edit-item', id: item.id, change });
      return null;
    },
  });
}
