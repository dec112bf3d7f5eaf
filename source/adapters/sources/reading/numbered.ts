/** Numbered checkboxes (`- [ ] 2.1 Words`), as OpenSpec and Kiro write them: each file is a group of its own. */
import { basename, dirname } from 'node:path/posix';
import type { ItemStatus } from '../../../domain/item.ts';
import type { SourceType } from '../../../ports/sources.ts';
import { type Box, plainWords } from './boxes.ts';
import { type BoxForm, parentsOf, readBoxItems, StepOrder, setBox } from './checkboxes.ts';
import type { FileFormat, SourceFile } from './format.ts';
import { dependenciesIn, pathsIn, plainTitle, scopeFromPaths, slugOfWords } from './words.ts';

const numbered = /^(?:\*\*)?(?:Task\s+)?(\d{1,4}(?:\.\d{1,4})*)[.):]?(?:\*\*)?[.):]?\s+(\S.*)$/su;
/** Behind the number, in some lists: may run beside its neighbours, while everything unmarked waits for what stands above it. */
const besideMark = /^\(P\)\s+/;
/** `_Depends: 1.2, 2.1_` in the lines of an entry. */
const declared = /_Depends(?: on)?:([^_\n]*)_/i;
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
    const order = new StepOrder();
    let known: ReadonlySet<string> | null = null;
    let isOrdered: boolean | null = null;
    return {
      ...(kind.marks === undefined ? {} : { marks: kind.marks }),
      item(box, _, document) {
        const match = numbered.exec(box.text);
        const parents = parentsOf(box).map(parent => plainWords(parent.text));
        const beside = besideMark.test(match?.[2] ?? '');
        const words = match?.[2]?.replace(besideMark, '') ?? box.text;
        const short = match?.[1] ?? [...parents, words].map(slugOfWords).join('/');
        const own = document.lines.slice(box.index, box.end).join('\n');
        known ??= new Set(document.boxes.flatMap(one => numbered.exec(one.text)?.[1] ?? []));
        const ids = known;
        isOrdered ??= document.boxes.some(one => besideMark.test(numbered.exec(one.text)?.[2] ?? ''));
        const before = isOrdered ? order.next({ id: short, beside, phase: short.split('.')[0] ?? '' }) : [];
        const listed = declared.exec(own)?.[1]?.match(numbers) ?? [];
        const plain = own.replace(/_(?:Requirements|Depends(?: on)?):[^\n]*/gi, '');
        const said = dependenciesIn(plain, numbers, id => ids.has(id)) ?? [];
        const wants = new Set([...listed, ...said, ...before].filter(one => one !== short));
        return {
          name: `${folder}/${short}`,
          short,
          title: plainTitle(words, short),
          wants: [...wants].map(one => `${folder}/${one}`),
          parallel: isOrdered ? beside : null,
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
