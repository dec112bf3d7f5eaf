import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { AskProgram } from '../../../ports/sources.ts';
import type { Issue, IssueWriting } from './issues.ts';
import { isForeign, listValue, ownValue, textValue } from './values.ts';

export interface ForgeOptions {
  readonly ask: AskProgram;
  readonly label: string | null;
  /** `owner/name`; null: that of the repository. */
  readonly repo: string | null;
  readonly everySeconds: number;
  readonly writing: IssueWriting;
}

/** The issues in the JSON of a forge's program, or what it printed instead. `number` and `body` are the names of these fields there. */
export function readIssueList(output: string, number: string, body: string): readonly Issue[] | string {
  let value: unknown;
  try {
    value = JSON.parse(output.trim() === '' ? '[]' : output);
  } catch {
    return `something else than JSON: ${sanitizeLine(output, 80)}`;
  }
  if (!Array.isArray(value)) return 'something else than a list of issues';
  return value.flatMap((one: unknown) => {
    if (!isForeign(one)) return [];
    const id = Number(textValue(one, number));
    if (!Number.isSafeInteger(id) || id <= 0) return [];
    const milestone = ownValue(one, 'milestone');
    const title = isForeign(milestone) ? sanitizeLine(textValue(milestone, 'title'), 120) : '';
    const url = sanitizeLine(textValue(one, 'url', 'web_url'), 300);
    const home = repositoryOf(url);
    const isHere = (issue: Related): boolean => issue.home === null || issue.home === home;
    const blockers = relatedOf(ownValue(one, 'blockedBy')).filter(({ isOpen }) => isOpen);
    const above = relatedOf([ownValue(one, 'parent')]).find(isHere);
    return [
      {
        number: id,
        title: sanitizeLine(textValue(one, 'title'), 300),
        body: textValue(one, body).replaceAll('\r\n', '\n'),
        labels: namesOf(listValue(one, 'labels'), 'name'),
        milestone: title === '' ? null : title,
        assignees: namesOf(listValue(one, 'assignees'), 'login', 'username'),
        url,
        parts: relatedOf(ownValue(one, 'subIssues')).flatMap(part => (part.isOpen && isHere(part) ? part.number : [])),
        parent: above?.number ?? null,
        blockers: blockers.filter(isHere).map(({ number: other }) => other),
        elsewhere: blockers.filter(other => !isHere(other)).map(other => `${other.home ?? ''}#${other.number}`),
      },
    ];
  });
}

function namesOf(values: readonly unknown[], ...fields: readonly string[]): readonly string[] {
  return values.flatMap(value => {
    const name = typeof value === 'string' ? value : isForeign(value) ? textValue(value, ...fields) : '';
    return name === '' ? [] : [sanitizeLine(name, 100)];
  });
}

/** An issue that another one names. */
interface Related {
  readonly number: number;
  readonly isOpen: boolean;
  /** `owner/name`; null: unknown. */
  readonly home: string | null;
}

/** Issues in a field of an issue: a list, or a list with its count as the forge's interface has it. What says no state is open. */
function relatedOf(value: unknown): readonly Related[] {
  const list = isForeign(value) ? listValue(value, 'nodes') : Array.isArray(value) ? (value as readonly unknown[]) : [];
  return list.flatMap(one => {
    const number = isForeign(one) ? Number(textValue(one, 'number')) : 0;
    if (!isForeign(one) || !Number.isSafeInteger(number) || number <= 0) return [];
    const isOpen = textValue(one, 'state').toUpperCase() !== 'CLOSED';
    return [{ number, isOpen, home: repositoryOf(textValue(one, 'url')) }];
  });
}

/** `owner/name` of the address of an issue. */
function repositoryOf(url: string): string | null {
  const [, home = null] = /^https?:\/\/[^/]+\/([^/]+\/[^/]+)\/issues\/\d+/.exec(url) ?? [];
  return home === null ? null : sanitizeLine(home, 200);
}
