/** What the issues of any forge say: labels, dependencies in words, lists of other issues, files. */
import type { Item, ItemStatus } from '../../../domain/item.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { AskProgram, FoundItem } from '../../../ports/sources.ts';
import { gather, plainItem } from './format.ts';
import type { Fetched } from './polled-source.ts';
import { pathsIn, plainTitle, priorityOf, scopeFromPaths } from './words.ts';

export interface Issue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
  readonly milestone: string | null;
  readonly assignees: readonly string[];
  readonly url: string;
  /** Numbers of issues that are parts of this one, as the forge knows them: their work comes before this. */
  readonly parts: readonly number[];
  /** The issue that this is a part of; null: none, or the forge does not say. */
  readonly parent: number | null;
  /** Numbers of open issues of this repository that the forge says it is blocked by. */
  readonly blockers: readonly number[];
  /** Open issues of other repositories that it waits for, as people write them: `owner/name#3`. */
  readonly elsewhere: readonly string[];
}

const waits =
  /\b(?:depends on|blocked by|waits for|requires|after)\b:?\s*((?:(?:and|,|&)?\s*(?:[\w.-]+\/[\w.-]+)?#\d+[,\s]*)+)/giu;
const listed = /^[ \t]*[-*+][ \t]+\[([ xX])\][ \t]+(?:[^#\n]{0,200}[ \t])?#(\d+)\b/gm;

/** What labels such as `agent:codex`, `type: architect`, `priority/high`, `P1`, `blocked` say. */
function labelled(labels: readonly string[]) {
  let agentProgram: string | null = null;
  let agentType: string | null = null;
  let priority: number | null = null;
  let status: ItemStatus = 'planned';
  for (const label of labels) {
    const [, name = '', value = ''] = /^([\p{L} ]{2,20}?)\s*[:/]\s*(\S.*)$/u.exec(label) ?? [];
    const key = name.trim().toLowerCase();
    if (key === 'agent') agentProgram = value.trim();
    else if (key === 'type' || key === 'role' || key === 'owner') agentType = value.trim().toLowerCase();
    else if (key === 'priority' || key === 'prio') priority = priorityOf(value);
    else if (/^p[0-4]$/i.test(label.trim())) priority = priorityOf(label);
    else if (/^(?:blocked|on hold|waiting)$/i.test(label.trim())) status = 'blocked';
    else if (/^(?:in[ -]progress|wip)$/i.test(label.trim())) status = 'in-progress';
  }
  const isType = agentType !== null && /^[\p{L}\p{N}_-]{1,60}$/u.test(agentType);
  return { agentProgram, agentType: isType ? agentType : null, priority, status };
}

/** Issues that are named in dependencies and are not among these. */
export function unlisted(issues: readonly Issue[]): boolean {
  const open = new Set(issues.map(({ number }) => number));
  return issues.some(issue => dependenciesOf(issue).some(one => !open.has(one)));
}

/** Its open parts: those that the forge knows, and those in a list of its text. */
function partsOf({ body, parts }: Issue): readonly number[] {
  const named = [...body.matchAll(listed)].filter(match => match[1] === ' ').map(match => Number(match[2]));
  return [...new Set([...parts, ...named])];
}

function dependenciesOf(issue: Issue): readonly number[] {
  const { body, blockers } = issue;
  const named = [...body.matchAll(waits)].flatMap(match =>
    Array.from((match[1] ?? '').matchAll(/(?<![\w.-])#(\d+)/g), one => Number(one[1])),
  );
  return [...new Set([...named, ...blockers, ...partsOf(issue)])];
}

/**
 * Items of open issues. `alsoOpen` says which others are open, null where that is not known: an item that depends on one of those does not
 * run. What is neither among these nor open is closed, so nothing waits for it.
 */
export function issueItems(issues: readonly Issue[], alsoOpen: ReadonlySet<number> | null): Fetched {
  const open = new Set(issues.map(({ number }) => number));
  const parents = new Map<number, Issue>();
  const byNumber = new Map(issues.map(issue => [issue.number, issue]));
  for (const issue of issues) {
    const above = issue.parent === null ? undefined : byNumber.get(issue.parent);
    if (above !== undefined && above !== issue) parents.set(issue.number, above);
  }
  for (const issue of issues) {
    for (const part of partsOf(issue)) if (part !== issue.number && !parents.has(part)) parents.set(part, issue);
  }
  const make = (issue: Issue): FoundItem => {
    const { number, body } = issue;
    const all = dependenciesOf(issue).filter(one => one !== number);
    const obstacles = all.filter(one => !open.has(one) && (alsoOpen === null || alsoOpen.has(one)));
    const isHeld = obstacles.length > 0 || issue.elsewhere.length > 0;
    const declared = /^[*_ \t-]*(?:files|scope)[*_]*:[*_]*[ \t]*(\S.*)$/im.exec(body)?.[1];
    const files = declared === undefined ? [] : pathsIn(declared, true);
    const name = `#${number}`;
    const { status, ...labels } = labelled(issue.labels);
    return {
      ...plainItem,
      ...labels,
      name,
      short: name,
      names: [String(number)],
      title: plainTitle(issue.title, name),
      status: isHeld && status === 'planned' ? 'blocked' : status,
      heading: sanitizeLine(`${name} ${issue.title}`, 400),
      line: 0,
      endLine: 0,
      path: null,
      wants: all.filter(one => open.has(one)).map(one => `#${one}`),
      notes: [
        ...obstacles.map(
          one => `waits for #${one}, which ${alsoOpen === null ? 'may be open' : 'is open'} and not among these`,
        ),
        ...issue.elsewhere.map(one => `waits for ${one}, which is open in another repository`),
        ...(issue.assignees.length === 0 ? [] : [`assigned to ${sanitizeLine(issue.assignees.join(', '), 100)}`]),
      ],
      scope: files.length > 0 ? scopeFromPaths(files, 'known') : scopeFromPaths(pathsIn(body, false), 'inferred'),
      group: issue.milestone ?? parents.get(number)?.title ?? null,
      text: `# ${name}: ${issue.title}\n\n${issue.body.trim()}\n\n${issue.url}`.trimEnd(),
    };
  };
  return gather('The list of issues', issues, make, []);
}

/** What happens to an issue when its work has landed, each by setting. */
export interface IssueWriting {
  readonly comment: boolean;
  readonly close: boolean;
  readonly addLabel: string | null;
}

export interface IssueVerbs {
  comment(number: string, text: string): readonly string[];
  close(number: string): readonly string[];
  reopen(number: string): readonly string[];
  addLabel(number: string, label: string): readonly string[];
  removeLabel(number: string, label: string): readonly string[];
}

/** Null where no setting asks for anything. */
export function issueWriter(ask: AskProgram, { comment, close, addLabel }: IssueWriting, verbs: IssueVerbs) {
  if (!comment && !close && addLabel === null) return null;
  return async (item: Item, to: 'complete' | 'planned'): Promise<boolean> => {
    const number = (item.name ?? '').replace(/^#/, '');
    if (!/^\d+$/.test(number)) return false;
    const isDone = to === 'complete';
    const said = isDone ? 'The work on this issue has landed.' : 'The landing of the work on this issue was reverted.';
    const commands = [
      ...(comment ? [verbs.comment(number, said)] : []),
      ...(addLabel === null ? [] : [isDone ? verbs.addLabel(number, addLabel) : verbs.removeLabel(number, addLabel)]),
      ...(close ? [isDone ? verbs.close(number) : verbs.reopen(number)] : []),
    ];
    for (const command of commands) if ((await ask(command, {})).exitCode !== 0) return false;
    return true;
  };
}
