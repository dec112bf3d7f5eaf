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
    return [
      {
        number: id,
        title: sanitizeLine(textValue(one, 'title'), 300),
        body: textValue(one, body).replaceAll('\r\n', '\n'),
        labels: namesOf(listValue(one, 'labels'), 'name'),
        milestone: title === '' ? null : title,
        assignees: namesOf(listValue(one, 'assignees'), 'login', 'username'),
        url: sanitizeLine(textValue(one, 'url', 'web_url'), 300),
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
