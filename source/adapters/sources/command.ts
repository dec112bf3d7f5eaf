/** Items that a program of the user prints as JSON: the way to lists of any other kind (docs/sources.md). */
import * as z from 'zod/mini';
import type { Item, SourceProblem } from '../../domain/item.ts';
import { readStatus } from '../../domain/roadmap/status.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { AskProgram, FoundItem, WorkSource } from '../../ports/sources.ts';
import { gather, plainItem } from './reading/format.ts';
import { type Fetched, PolledSource, whyNot } from './reading/polled-source.ts';
import { pathsIn, plainTitle, priorityOf, scopeFromPaths } from './reading/words.ts';

const text = () => z.string();
const id = () => z.union([z.string().check(z.regex(/\S/)), z.number()]);

const item = z.object({
  id: id(),
  title: text(),
  status: z.exactOptional(text()),
  text: z.exactOptional(text()),
  dependsOn: z.exactOptional(z.array(id())),
  files: z.exactOptional(z.array(text())),
  group: z.exactOptional(z.nullable(text())),
  parallel: z.exactOptional(z.nullable(z.boolean())),
  priority: z.exactOptional(z.nullable(z.union([z.number(), text()]))),
  agentType: z.exactOptional(text()),
  agent: z.exactOptional(text()),
  estimateHours: z.exactOptional(z.nullable(z.number())),
  notes: z.exactOptional(z.array(text())),
});

const list = z.object({ items: z.array(item) });

export interface CommandSourceOptions {
  readonly command: readonly string[];
  /** Run when an item has landed, and when its landing was undone; null: nothing is. */
  readonly write: readonly string[] | null;
  readonly everySeconds: number;
  readonly ask: AskProgram;
}

export function commandSource({ command, write, everySeconds, ask }: CommandSourceOptions): WorkSource {
  const name = command.join(' ');
  return new PolledSource({
    type: 'command',
    place: sanitizeLine(name, 100),
    everyMs: everySeconds * 1000,
    fetch: async () => {
      const answer = await ask(command, {});
      return (
        whyNot(name, answer, { install: 'Correct the setting "sources".', login: null }) ?? itemsIn(answer.stdout, name)
      );
    },
    write: write === null ? null : (landed, to) => writeBy(ask, write, landed, to),
  });
}

/** The items in what the program printed, or one sentence about the first thing that is wrong with it. */
export function itemsIn(output: string, name: string): Fetched {
  const wrong = (what: string): string => `"${sanitizeLine(name, 80)}" printed ${what} (docs/sources.md).`;
  let value: unknown;
  try {
    value = JSON.parse(output);
  } catch {
    return wrong(output.trim() === '' ? 'nothing, not even {"items": []}' : 'something else than JSON');
  }
  const parsed = list.safeParse(Array.isArray(value) ? { items: value } : value);
  if (!parsed.success) {
    const path = (parsed.error.issues[0]?.path ?? []).map(part =>
      typeof part === 'number' ? `[${part}]` : `.${String(part)}`,
    );
    const where = path.join('').replace(/^\./, '');
    return wrong(where === '' ? 'no object with "items"' : `a value that cannot be used in ${sanitizeLine(where, 80)}`);
  }
  const problems: SourceProblem[] = [];
  const make = (one: (typeof parsed.data.items)[number]): FoundItem => {
    const short = sanitizeLine(String(one.id).trim(), 100);
    const status = one.status === undefined ? 'planned' : readStatus(one.status);
    if (status === 'unknown') {
      const message = `${short}: the status "${sanitizeLine(one.status ?? '', 60)}" is unknown, so the item never runs. Print planned, in-progress, done, blocked or cancelled.`;
      problems.push({ line: 1, code: 'status', message });
    }
    const files = (one.files ?? []).flatMap(file => pathsIn(`\`${file.replaceAll('`', '')}\``, false).slice(0, 1));
    const bad = (one.files ?? []).length - files.length;
    return {
      ...plainItem,
      name: short,
      short,
      title: plainTitle(one.title, short),
      status,
      heading: sanitizeLine(`${short} ${one.title}`, 400),
      line: 0,
      endLine: 0,
      path: null,
      wants: (one.dependsOn ?? []).map(String),
      notes: [
        ...(one.notes ?? []).map(note => sanitizeLine(note, 300)),
        ...(bad > 0 ? [`${bad} of its files are not paths inside the repository`] : []),
      ],
      scope: scopeFromPaths(bad > 0 ? [] : files, 'known'),
      group: one.group == null ? null : sanitizeLine(one.group, 120),
      parallel: one.parallel ?? null,
      priority: priorityOf(one.priority),
      agentType: one.agentType ?? null,
      agentProgram: one.agent ?? null,
      estimateHours: one.estimateHours ?? null,
      text: `# ${short}: ${one.title}\n\n${one.text ?? ''}`.trimEnd(),
    };
  };
  return gather(name, parsed.data.items, make, problems);
}

async function writeBy(
  ask: AskProgram,
  command: readonly string[],
  landed: Item,
  to: 'complete' | 'planned',
): Promise<boolean> {
  const itemId = landed.name ?? landed.id;
  const values: Readonly<Record<string, string>> = { '{id}': itemId, '{status}': to, '{title}': landed.title };
  const { exitCode } = await ask(
    command.map(part => values[part] ?? part),
    { CM_ITEM_ID: itemId, CM_ITEM_STATUS: to },
  );
  return exitCode === 0;
}
