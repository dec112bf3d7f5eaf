/** Numbered checkboxes (`- [ ] 2.1 Words`), as OpenSpec and Kiro write them: each file is a group of its own. */
import { basename, dirname } from 'node:path/posix';
import type { ItemStatus } from '../../../domain/item.ts';
import type { SourceType } from '../../../ports/sources.ts';
import { type Box, plainWords } from './boxes.ts';
import { type BoxForm, parentsOf, readBoxItems, setBox } from './checkboxes.ts';
import type { FileFormat, SourceFile } from './format.ts';
import { dependenciesIn, pathsIn, plainTitle, scopeFromPaths, slugOfWords } from './words.ts';

const numbered = /^(?:\*\*)?(?:Task\s+)?(\d{1,4}(?:\.\d{1,4})*)[.):]?(?:\*\*)?[.):]?\s+(\S.*)$/su;
/** Not `#12`, which is an issue somewhere, nor a part of a version or a word. */
const numbers = /(?<![#\w.-])\d{1,4}(?:\.\d{1,4})*\b(?![.-]?\w)/g;

export interface NumberedForm {
  readonly type: SourceType;
  readonly looksLike: (text: string, path: string) => boolean;
  readonly marks?: Readonly<Record<string, ItemStatus>>;
  /** Notes on an item from its own lines. */
  readonly notes: (own: string, box: Box) => readonly string[];
  /** Files beside this one that say more, for the prompt. */
  readonly beside: string;
}

export function numberedFormat(kind: NumberedForm): FileFormat {
  const form = (file: SourceFile): BoxForm => {
    const group = basename(dirname(file.path));
    const folder = group === '' || group === '.' ? 'tasks' : group;
    let known: ReadonlySet<string> | null = null;
    return {
      ...(kind.marks === undefined ? {} : { marks: kind.marks }),
      item(box, _, document) {
        const match = numbered.exec(box.text);
        const parents = parentsOf(box).map(parent => plainWords(parent.text));
        const words = match?.[2] ?? box.text;
        const short = match?.[1] ?? [...parents, words].map(slugOfWords).join('/');
        const own = document.lines.slice(box.index, box.end).join('\n');
        known ??= new Set(document.boxes.flatMap(one => numbered.exec(one.text)?.[1] ?? []));
        const ids = known;
        const said = dependenciesIn(own.replace(/_Requirements:[^\n]*/gi, ''), numbers, id => ids.has(id)) ?? [];
        return {
          name: `${folder}/${short}`,
          short,
          title: plainTitle(words, short),
          wants: said.filter(one => one !== short).map(one => `${folder}/${one}`),
          notes: kind.notes(own, box),
          scope: scopeFromPaths(pathsIn(own, false), 'inferred'),
          group: folder,
          about: [
            `${short} of ${file.path}. ${kind.beside} ${dirname(file.path)}/.`,
            ...parents.map(one => `Part of: ${one}`),
          ].join('\n'),
        };
      },
    };
  };
  return {
    type: kind.type,
    looksLike: kind.looksLike,
    read: file => readBoxItems(file, form(file)).content,
    setStatus: (file, name, to) => setBox(readBoxItems(file, form(file)).boxes, name, to),
  };
}
