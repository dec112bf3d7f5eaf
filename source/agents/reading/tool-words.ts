import type { ReaderEvent } from '../../ports/agents.ts';
import { asObject, firstText, type JsonObject, objectsOf } from './json.ts';
import { activity, lines, shorten } from './reader-kit.ts';

type ToolClass = 'edit' | 'write' | 'delete' | 'read' | 'command' | 'search' | 'list' | 'fetch' | 'plan' | 'delegate';

/** Names that the programs give to the same few tools, without case, dashes and underscores. */
const classes: Readonly<Record<ToolClass, readonly string[]>> = {
  edit: [
    'edit',
    'multiedit',
    'strreplace',
    'strreplaceeditor',
    'replace',
    'applypatch',
    'patch',
    'notebookedit',
    'editfile',
  ],
  write: ['write', 'writefile', 'create', 'createfile'],
  delete: ['delete', 'deletefile', 'remove'],
  read: ['read', 'readfile', 'view', 'cat', 'readmanyfiles'],
  command: ['bash', 'shell', 'runshellcommand', 'exec', 'terminal', 'runinterminal', 'execute', 'localshell'],
  search: ['grep', 'glob', 'search', 'find', 'codebasesearch', 'ripgrep', 'searchfilecontent', 'semsearch'],
  list: ['ls', 'list', 'listdirectory', 'listdir'],
  fetch: ['webfetch', 'fetch', 'websearch', 'googlewebsearch'],
  plan: ['todowrite', 'updatetodos', 'writetodos', 'updateplan', 'todolist'],
  delegate: ['task', 'agent', 'delegate'],
};

const classOf = new Map<string, ToolClass>(
  (Object.keys(classes) as ToolClass[]).flatMap(name => classes[name].map(tool => [tool, name] as const)),
);

/** True for tools that run a command, whose end carries an exit code. */
export function runsCommand(tool: string): boolean {
  return classify(tool) === 'command';
}

/**
 * Log line and activity for a tool call, e.g. `Edit source/app.ts` and `editing source/app.ts`.
 * `root`: the agent's folder, removed from paths; null if unknown.
 */
export function toolEvents(tool: string, input: unknown, root: string | null = null): readonly ReaderEvent[] {
  const fields = asObject(input) ?? {};
  const path = pathOf(fields, root);
  switch (classify(tool)) {
    case 'edit':
      return used('file', `Edit ${path}`, `editing ${path}`);
    case 'write':
      return used('file', `Write ${path}`, `writing ${path}`);
    case 'delete':
      return used('file', `Delete ${path}`, `deleting ${path}`);
    case 'read':
      return used('tool', `Read ${path}`, `reading ${path}`);
    case 'list':
      return used('tool', `List ${path === '' ? '.' : path}`, 'listing files');
    case 'command': {
      const command = commandOf(fields);
      return used('command', `$ ${command}`, `running ${command}`);
    }
    case 'search': {
      const what = firstText(fields.pattern, fields.globPattern, fields.query, fields.path) ?? '';
      return used('tool', `Search ${shorten(what, 160)}`, 'searching');
    }
    case 'fetch':
      return used(
        'tool',
        `Fetch ${shorten(firstText(fields.url, fields.query, fields.prompt) ?? '', 160)}`,
        'reading the web',
      );
    case 'plan':
      return planEvents(fields.todos ?? fields.items ?? fields.plan);
    case 'delegate':
      return used(
        'tool',
        `Delegate ${shorten(firstText(fields.description, fields.prompt) ?? '', 160)}`,
        'running a subagent',
      );
    case null:
      return used('tool', `${shorten(tool, 60)} ${brief(fields)}`.trimEnd(), `using ${shorten(tool, 60)}`);
  }
}

/** A tool call in words, as it stands in the log: `$ npm test`, `Edit source/app.ts`. */
export function toolWords(tool: string, input: unknown, root: string | null = null): string {
  const [line] = toolEvents(tool, input, root);
  return line?.type === 'line' ? line.text : shorten(tool, 80);
}

/** One line per plan item: `[x] done`, `[>] in progress`, `[ ] open`. */
export function planEvents(items: unknown): readonly ReaderEvent[] {
  const plan = objectsOf(items).slice(0, 50);
  const shown = plan.flatMap(item => {
    const words = firstText(item.content, item.text, item.description, item.step, item.title) ?? '';
    const mark =
      item.completed === true || item.status === 'completed' ? 'x' : item.status === 'in_progress' ? '>' : ' ';
    return lines('plan', `[${mark}] ${shorten(words, 200)}`);
  });
  return shown.length === 0 ? [] : [...shown, activity('planning')];
}

function classify(tool: string): ToolClass | null {
  return classOf.get(tool.toLowerCase().replace(/[-_ ]/g, '')) ?? null;
}

function used(kind: 'tool' | 'command' | 'file', line: string, doing: string): readonly ReaderEvent[] {
  return [{ type: 'line', kind, text: line.trimEnd() }, activity(doing)];
}

function pathOf(fields: JsonObject, root: string | null): string {
  const path =
    firstText(
      fields.file_path,
      fields.filePath,
      fields.absolute_path,
      fields.path,
      fields.notebook_path,
      fields.dir_path,
    ) ?? '';
  return shorten(withoutRoot(path, root), 200);
}

/** A path relative to the agent's folder. */
function withoutRoot(path: string, root: string | null): string {
  if (root === null || root === '') return path;
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
}

/** A command as it was meant: a list of words is joined, a wrapping shell is removed. */
function commandOf(fields: JsonObject): string {
  const command = fields.command ?? fields.cmd;
  const words = Array.isArray(command)
    ? command.filter(word => typeof word === 'string').join(' ')
    : firstText(command);
  return shorten(unwrapShell(words ?? ''), 200);
}

/** `bash -lc 'npm test'` reads `npm test`. */
export function unwrapShell(command: string): string {
  const head = /^(?:\/(?:usr\/)?bin\/)?(?:ba|z|da)?sh -l?c /.exec(command.slice(0, 32));
  if (head === null) return command;
  const inner = command.slice(head[0].length).trim();
  const quote = inner[0];
  const quoted = inner.length > 1 && (quote === "'" || quote === '"') && inner.endsWith(quote);
  return quoted ? inner.slice(1, -1) : inner;
}

function brief(fields: JsonObject): string {
  const words = Object.entries(fields)
    .filter(([, value]) => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    .slice(0, 3)
    .map(([name, value]) => `${name}=${shorten(String(value), 60)}`);
  return words.join(' ');
}
