import type { Item, Scope } from './item.ts';
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
  const title = titleOfPrompt(request.title, request.prompt);
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
    scope: scopeOfGlobs(request.files),
    agentType: 'code_developer',
    agentProgram: null,
    estimateHours: null,
    duplicate: false,
    prompt: request.prompt,
  };
}

/** The title that was typed, or the first line of the prompt. */
export function titleOfPrompt(typed: string, prompt: string): string {
  return sanitizeLine(typed.trim() || firstLine(prompt), titleLength);
}

/** The scope that globs make; none: unknown. */
export function scopeOfGlobs(globs: readonly string[]): Scope {
  const paths = globs.map(file => file.trim()).filter(file => file !== '');
  return paths.length > 0 ? { kind: 'known', paths } : { kind: 'unknown', paths: [] };
}

/** The number that the next ad-hoc item gets: one more than the highest in use. */
export function nextAdHocNumber(items: readonly Item[]): number {
  const numbers = items.map(item => Number(/^TASK-(\d+)$/.exec(item.key)?.[1] ?? 0));
  return Math.max(0, ...numbers) + 1;
}

function firstLine(text: string): string {
  return (
    text
      .trim()
      .split(/\r\n|\r|\n/, 1)[0]
      ?.trimEnd() ?? ''
  );
}
