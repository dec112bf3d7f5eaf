/** ralph (`prd.json`): `userStories[]` with `passes` and a priority. */
import type { ItemStatus, SourceProblem } from '../../domain/item.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { FoundItem } from '../../ports/sources.ts';
import { type FileFormat, gather, plainItem, type SourceFile } from './reading/format.ts';
import { type JsonFile, readJson } from './reading/json-file.ts';
import {
  bullets,
  type Foreign,
  idValue,
  isForeign,
  listValue,
  ownValue,
  section,
  textsValue,
  textValue,
} from './reading/values.ts';
import { pathsIn, plainTitle, priorityOf, scopeFromPaths } from './reading/words.ts';

interface Story {
  readonly value: Foreign;
  readonly path: readonly (string | number)[];
  readonly name: string;
}

function readStories(text: string): { readonly json: JsonFile; readonly stories: readonly Story[] } | string {
  const json = readJson(text);
  if (typeof json === 'string') return json;
  const list = isForeign(json.value) ? listValue(json.value, 'userStories') : json.value;
  if (!Array.isArray(list) || (isForeign(json.value) && !Array.isArray(ownValue(json.value, 'userStories'))))
    return 'holds no list named "userStories"';
  const base = isForeign(json.value) ? ['userStories'] : [];
  const stories = list.flatMap((value: unknown, at) =>
    isForeign(value) ? [{ value, path: [...base, at], name: idValue(value, 'id') || `story-${at + 1}` }] : [],
  );
  return { json, stories };
}

/** Some programs of this kind note that a story is stuck. */
function statusOf(passes: unknown, blocked: unknown): ItemStatus {
  if (typeof passes !== 'boolean') return 'unknown';
  return passes ? 'complete' : blocked === true ? 'blocked' : 'planned';
}

function read(file: SourceFile) {
  const reading = readStories(file.text);
  if (typeof reading === 'string')
    return {
      items: [],
      problems: [{ line: 1, code: 'format', message: `${sanitizeLine(file.path, 200)} ${reading}.` }],
    };
  const problems: SourceProblem[] = [];
  const make = ({ value, path, name }: Story): FoundItem => {
    const passes = ownValue(value, 'passes');
    const title = plainTitle(textValue(value, 'title', 'description'), name);
    const line = reading.json.line([...path]) ?? 1;
    if (typeof passes !== 'boolean') {
      const message = `${name} does not say whether it passes, so it never runs. Add "passes": false.`;
      problems.push({ line, code: 'status', message });
    }
    const criteria = textsValue(value, 'acceptanceCriteria');
    const words = [textValue(value, 'description'), ...criteria, textValue(value, 'notes')];
    return {
      ...plainItem,
      name,
      short: name,
      title,
      status: statusOf(passes, ownValue(value, 'blocked')),
      heading: sanitizeLine(`${name} ${title}`, 400),
      line,
      endLine: line,
      path: file.path,
      wants: [...textsValue(value, 'dependencies'), ...textsValue(value, 'dependsOn')],
      scope: scopeFromPaths(pathsIn([textValue(value, 'title'), ...words].join('\n'), false), 'inferred'),
      group: idValue(value, 'epic', 'category') || null,
      priority: priorityOf(ownValue(value, 'priority')),
      text: [
        `# ${name}: ${title}`,
        textValue(value, 'description'),
        ...section('Acceptance criteria', bullets(criteria)),
        ...section('Notes', textValue(value, 'notes')),
      ]
        .filter(part => part !== '')
        .join('\n\n'),
    };
  };
  return gather(file.path, reading.stories, make, problems);
}

export const ralph: FileFormat = {
  type: 'ralph',
  looksLike: text => /^\s*[[{]/.test(text) && /"(?:userStories|passes)"\s*:/.test(text),
  read,
  setStatus(file, name, to) {
    const reading = readStories(file.text);
    if (typeof reading === 'string') return null;
    const [story, another] = reading.stories.filter(one => one.name === name);
    if (story === undefined || another !== undefined) return null;
    const place = reading.json.place([...story.path, 'passes']);
    return place === null ? null : { ...place, text: to === 'complete' ? 'true' : 'false' };
  },
};
