import type { Item } from './item.ts';
import { sanitizeLine } from './text/sanitize.ts';

/** What a person typed for an item that stands in no ROADMAP. */
export interface AdHocRequest {
  /** Empty: the first line of the prompt. */
  readonly title: string;
  /** What the agent is asked to do, as typed. */
  readonly prompt: string;
  /** Globs it may change; empty: unknown, so that it is never treated as independent of other work. */
  readonly files: readonly string[];
  /** Makes the key: `TASK-<number>`. */
  readonly number: number;
}

const titleLength = 72;

/** Makes the item of `cm-tui run "PROMPT"` and of the screen's key `n`. It depends on nothing and stands on no line of the ROADMAP. */
export function adHocItem(request: AdHocRequest): Item {
  const key = `TASK-${request.number}`;
  const title = sanitizeLine(request.title.trim() || firstLine(request.prompt), titleLength);
  const files = request.files.map(file => file.trim()).filter(file => file !== '');
  return {
    id: key,
    key,
    aliases: [],
    title,
    status: 'planned',
    heading: title,
    line: 0,
    endLine: 0,
    dependsOn: [],
    notes: [],
    scope: files.length > 0 ? { kind: 'known', paths: files } : { kind: 'unknown', paths: [] },
    agentType: 'code_developer',
    agentProgram: null,
    estimateHours: null,
    duplicate: false,
    prompt: request.prompt,
  };
}

/** The number that the next ad-hoc item gets: one more than the highest in use. */
export function nextAdHocNumber(items: readonly Item[]): number {
  const numbers = items.map(item => Number(/^TASK-(\d+)$/.exec(item.key)?.[1] ?? 0));
  return Math.max(0, ...numbers) + 1;
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}
