import { findItem } from '../../coordinator/runs/spawning.ts';
import type { State } from '../../coordinator/state/state.ts';
import { adHocItem, nextAdHocNumber, scopeOfGlobs, titleOfPrompt } from '../../domain/ad-hoc.ts';
import type { Item } from '../../domain/item.ts';
import { nearest } from '../../domain/text/nearest.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import { showAnswer } from '../controller/outside.ts';
import type { LayerHost, OpenLayer } from '../layer.ts';
import { FormDialog, type FormField } from './parts/form-dialog.tsx';

const empty = 'Type what the agent should do first. Esc goes back.';
const alone = 'Without files, only one such item runs at a time. With globs such as src/** it runs beside others.';
const together = 'It can run beside items that change other files.';

/** The fields in their order; the form gives their texts in the same order. */
const places = { prompt: 0, files: 1, title: 2, agent: 3, model: 4, dependsOn: 5 } as const;

function fieldsOf(host: LayerHost, item: Item | null): readonly FormField[] {
  const { state } = host.context();
  const agents = namedAgents(state, host.agents());
  const named = agents === '' ? '' : ` One of ${agents}.`;
  return [
    { label: 'What should the agent do?', kind: 'area', text: item?.prompt ?? '' },
    {
      label: 'Files',
      kind: 'cell',
      text: item?.scope.kind === 'known' ? item.scope.paths.join(' ') : '',
      hint: 'Globs such as src/shop/**, separated by spaces. Empty: unknown, one such item runs at a time.',
    },
    {
      label: 'Title',
      kind: 'cell',
      text: item === null || item.title === titleOfPrompt('', item.prompt ?? '') ? '' : item.title,
      hint: 'Empty: the first line of the prompt.',
    },
    {
      label: 'Agent',
      kind: 'cell',
      text: item?.agentProgram ?? '',
      hint: `Empty: ${sanitizeLine(state.settings.agent, 40)}.${named}`,
    },
    {
      label: 'Model',
      kind: 'cell',
      text: item?.model ?? '',
      hint: 'In the words of the agent. Empty: its own choice.',
    },
    {
      label: 'Depends on',
      kind: 'cell',
      text: item?.dependsOn.join(' ') ?? '',
      hint: 'Items that have to land first, such as US-004 TASK-2. Empty: none.',
    },
  ];
}

/** The user's own ones first: the list is cut. */
function namedAgents({ settings }: State, known: readonly string[]): string {
  const own = known.filter(name => Object.hasOwn(settings.agents, name));
  return [...new Set([...own, ...known])]
    .slice(0, 12)
    .map(name => sanitizeLine(name, 40))
    .join(', ');
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter(word => word !== '');
}

function note([, files = '']: readonly string[]): string {
  return files.trim() === '' ? alone : together;
}

type Wanted = Pick<Item, 'title' | 'prompt' | 'scope' | 'agentProgram' | 'dependsOn'> & { readonly model: string };

/** What was typed, or what is wrong with it and where. */
function read(
  host: LayerHost,
  texts: readonly string[],
): { readonly wanted: Wanted } | { readonly field: number; readonly problem: string } {
  const [prompt = '', files = '', title = '', agent = '', model = '', needs = ''] = texts;
  if (prompt.trim() === '') return { field: places.prompt, problem: empty };
  const agentProgram = agent.trim() === '' ? null : agent.trim();
  const problem = agentProgram === null ? null : unknownAgent(host.agents(), agentProgram);
  if (problem !== null) return { field: places.agent, problem };
  const found = needsOf(host.handle.state(), wordsOf(needs));
  if ('problem' in found) return { field: places.dependsOn, problem: found.problem };
  const scope = scopeOfGlobs(wordsOf(files));
  const dependsOn = found.ids;
  return {
    wanted: { prompt, title: titleOfPrompt(title, prompt), scope, agentProgram, dependsOn, model: model.trim() },
  };
}

function unknownAgent(known: readonly string[], name: string): string | null {
  if (known.length === 0 || known.includes(name)) return null;
  const near = nearest(name, known);
  const hint = near === null ? `Use one of ${known.slice(0, 12).join(', ')}.` : `Did you mean "${near}"?`;
  return `Unknown agent "${sanitizeLine(name, 40)}". ${hint}`;
}

function needsOf(state: State, words: readonly string[]): { readonly ids: readonly string[] } | { problem: string } {
  const ids: string[] = [];
  for (const word of words) {
    const found = findItem(state, word);
    if ('problem' in found) return { problem: sanitizeLine(found.problem, 200) };
    ids.push(found.item.id);
  }
  return { ids: [...new Set(ids)] };
}

/** Asks what an agent should do and, optionally, with which files, agent and model. What is added is selected. */
export const openNewItem: OpenLayer = host =>
  new FormDialog(host, {
    title: 'New item',
    fields: fieldsOf(host, null),
    note,
    submitWord: 'start',
    draft: 'new-item',
    submit: texts => {
      const entered = read(host, texts);
      if (!('wanted' in entered)) return entered;
      const { model, ...wanted } = entered.wanted;
      const { state } = host.context();
      const number = nextAdHocNumber([...state.roadmap.items, ...state.adHoc]);
      const made = adHocItem({ title: wanted.title, prompt: wanted.prompt ?? '', files: [], number });
      const item = { ...made, ...wanted, ...(model === '' ? {} : { model }) };
      const problem = host.cannotStart({ type: 'run', item });
      if (problem !== null) return { field: places.agent, problem };
      start(host, item);
      return null;
    },
  });

/** Its number is the coordinator's: the answer tells it by the run, or by the question that it asks. */
function start(host: LayerHost, item: Item): void {
  const before = new Set(host.handle.state().adHoc.map(({ id }) => id));
  host.handle.send({ type: 'run', item }).then(
    answer => {
      const added = host.handle.state().adHoc.find(({ id }) => !before.has(id));
      if (added !== undefined) host.select(added.id);
      showAnswer(host, answer);
    },
    (error: unknown) => host.showMessage(error instanceof Error ? error.message : String(error), 'error'),
  );
}

/** Changes an ad-hoc item that has not started. */
export const openEditItem: OpenLayer = (host, { item }) => {
  if (item === null) throw new Error('no item to edit');
  return new FormDialog(host, {
    title: `Edit ${sanitizeLine(item.key, 40)}`,
    fields: fieldsOf(host, item),
    note,
    submitWord: 'save',
    draft: `edit ${item.id}`,
    submit: texts => {
      const entered = read(host, texts);
      if (!('wanted' in entered)) return entered;
      host.send({ type: 'edit-item', id: item.id, change: entered.wanted });
      return null;
    },
  });
};
