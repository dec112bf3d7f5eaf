import type { WantedAction } from '../../domain/permission/permission.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A tool call as far as its parts have come. */
export interface ToolCall {
  readonly id: string;
  readonly kind: string | null;
  readonly title: string | null;
  readonly status: string | null;
  readonly input: Fields | null;
  readonly paths: readonly string[];
  /** Text of its content, and what a diff in it changes. */
  readonly text: string;
  readonly titleIsCommand: boolean;
  readonly diffs: readonly { readonly path: string; readonly oldText: string; readonly newText: string }[];
}

const nothing = {
  kind: null,
  title: null,
  status: null,
  input: null,
  paths: [],
  text: '',
  diffs: [],
  titleIsCommand: false,
};

/** Tool calls by their id. Programs update what they never announced, and send fields in parts: what comes is put on what was there. */
export class ToolCalls {
  readonly #calls = new Map<string, ToolCall>();
  /** The title of a call that runs a command is the command itself, as in Gemini CLI. With others it is the model's own words. */
  titleIsCommand = false;

  /** The call after this part of it. */
  put(part: Fields): ToolCall {
    const id = text(part.toolCallId) ?? '';
    const before = this.#calls.get(id) ?? { id, ...nothing };
    const content = objects(part.content);
    const locations = objects(part.locations).flatMap(one => text(one.path) ?? []);
    const diffs = content.flatMap(one =>
      one.type === 'diff' && text(one.path) !== null
        ? [{ path: text(one.path) ?? '', oldText: text(one.oldText) ?? '', newText: text(one.newText) ?? '' }]
        : [],
    );
    const words = content.flatMap(one => text(object(one.content)?.text) ?? []).join('\n');
    const call: ToolCall = {
      id,
      kind: text(part.kind) ?? before.kind,
      title: text(part.title) ?? before.title,
      status: text(part.status) ?? before.status,
      input: filled(object(part.rawInput)) ?? before.input ?? inputInContent(part, words),
      paths: locations.length > 0 ? locations : before.paths,
      text: words === '' ? before.text : words,
      diffs: diffs.length > 0 ? diffs : before.diffs,
      titleIsCommand: this.titleIsCommand,
    };
    this.#calls.set(id, call);
    if (this.#calls.size > 500) this.#calls.delete(this.#calls.keys().next().value ?? '');
    return call;
  }
}

const kinds: Readonly<Record<string, WantedAction['kind']>> = {
  edit: 'edit',
  delete: 'delete',
  move: 'move',
  read: 'read',
  search: 'search',
  execute: 'execute',
  switch_mode: 'switch_mode',
};

/** What a call does, from its input and its places; never from its title, which may be a model's own words, unless nothing else is there. */
export function actionOf(call: ToolCall): WantedAction {
  const command = commandOf(call);
  const named = kinds[call.kind ?? ''] ?? 'other';
  const kind = command !== null && named === 'other' ? 'execute' : named;
  const input = call.input ?? {};
  const named_paths = [
    'file_path',
    'filePath',
    'path',
    'absolute_path',
    'abs_path',
    'dir_path',
    'notebook_path',
    'filename',
  ].flatMap(name => text(input[name]) ?? []);
  return { kind, command, paths: [...new Set([...call.paths, ...named_paths, ...call.diffs.map(one => one.path)])] };
}

function commandOf({ kind, title, input, text: words, titleIsCommand }: ToolCall): string | null {
  const raw = input?.command ?? input?.cmd ?? input?.script;
  if (Array.isArray(raw) && raw.every(word => typeof word === 'string')) return unwrapped(raw);
  if (typeof raw === 'string' && raw !== '') return raw;
  // Where the call itself says nothing of it, as a permission request may.
  const inContent = parsed(words)?.command;
  if (typeof inContent === 'string' && inContent !== '') return inContent;
  if (!titleIsCommand || kind !== 'execute' || title === null) return null;
  // Gemini: the command is the title, with the folder and a description behind it.
  return title
    .replace(/ \[(?:current working directory|in) [^\]]*\](?: \([\s\S]*\))?$/, '')
    .replace(/^`([\s\S]*)`$/, '$1');
}

/** `["bash", "-lc", "npm test"]` is the command line `npm test`. */
function unwrapped(words: readonly string[]): string {
  const [shell = '', option = '', line] = words;
  if (/(?:^|\/)(?:ba|z|da)?sh$/.test(shell) && /^-l?c$/.test(option) && line !== undefined && words.length === 3)
    return line;
  return words.map(word => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}

/** One line that says what a call does: `$ npm install`, `Edit a.txt`. */
export function describeCall(call: ToolCall, root: string): string {
  const { kind, command, paths } = actionOf(call);
  if (command !== null) return `$ ${command}`;
  const where = paths.map(path => (path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path)).join(', ');
  const verb = { edit: 'Edit', delete: 'Delete', move: 'Move', read: 'Read', search: 'Search' }[kind as 'edit'];
  if (verb !== undefined && where !== '') return `${verb} ${where}`;
  return call.title ?? (where === '' ? (call.kind ?? 'an action') : where);
}

/** All that a person should see of a call before it is allowed. */
export function detailOf(call: ToolCall): string {
  const { command } = actionOf(call);
  const diffs = call.diffs.map(({ path, oldText, newText }) => {
    const lines = (sign: string, words: string) =>
      words === ''
        ? []
        : words
            .replace(/\n$/, '')
            .split('\n')
            .map(line => `${sign}${line}`);
    return [path, ...lines('-', oldText), ...lines('+', newText)].join('\n');
  });
  const input =
    command === null && diffs.length === 0 && call.input !== null ? JSON.stringify(call.input, null, 1) : '';
  return [command ?? '', ...diffs, input, call.title ?? ''].filter(part => part !== '').join('\n');
}

/** Kimi Code shows the input of a call that has not run yet as JSON in its content, and a sentence in its place when it asks. */
function inputInContent({ status }: Fields, words: string): Fields | null {
  return status === 'pending' ? filled(parsed(words)) : null;
}

function parsed(words: string): Fields | null {
  if (!words.trimStart().startsWith('{')) return null;
  try {
    return object(JSON.parse(words));
  } catch {
    return null;
  }
}

export function object(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

export function objects(value: unknown): readonly Fields[] {
  return Array.isArray(value)
    ? value.flatMap((one: unknown): readonly Fields[] => {
        const found = object(one);
        return found === null ? [] : [found];
      })
    : [];
}

export function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function filled(value: Fields | null): Fields | null {
  return value !== null && Object.keys(value).length > 0 ? value : null;
}
