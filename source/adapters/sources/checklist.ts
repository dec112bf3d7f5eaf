/** Any Markdown list of checkboxes. An id at the beginning of an entry is its name, else its words are. */
import type { Box } from './reading/boxes.ts';
import { plainWords } from './reading/boxes.ts';
import { type BoxForm, hasBoxes, parentsOf, readBoxItems, setBox } from './reading/checkboxes.ts';
import type { FileFormat, SourceFile } from './reading/format.ts';
import { dependenciesIn, pathsIn, plainTitle, scopeFromPaths, slugOfWords } from './reading/words.ts';

const leadingId =
  /^[*_`[(]*((?:\p{Lu}[\p{Lu}\p{N}]{0,9}-?\d{1,6}|#?\d{1,6})(?:\.\d{1,6})*)(?:[\])*_`]*\s*[:.)–—-][*_`]*\s+|[\])*_`]+\s+)(\S.*)$/u;
const anyId = /(?:\p{Lu}[\p{Lu}\p{N}]{0,9}-?\d{1,6}|#\d{1,6}|\b\d{1,6}\.\d{1,6})(?:\.\d{1,6})*/gu;

/** The checklist's form for a file: names are unique within it. */
function form(file: SourceFile): BoxForm {
  return {
    item(box, _, document) {
      const id = leadingId.exec(box.text);
      const words = id?.[2] ?? box.text;
      const short = id?.[1] ?? slugOfWords(words);
      const place = placeOf(box);
      const own = document.lines.slice(box.index, box.end).join('\n');
      return {
        name: [file.path, ...place.map(slugOfWords), short].join('/'),
        short,
        names: place.length === 0 ? [] : [`${slugOfWords(place.at(-1) ?? '')}/${short}`],
        title: plainTitle(words.replace(/\s*\((?:depends on|after|blocked by)[^)]*\)\s*$/i, ''), short),
        wants: dependenciesIn(own, anyId) ?? [],
        scope: scopeFromPaths(pathsIn(own, false), 'inferred'),
        group: plainTitle(place.at(-1) ?? '', '') || null,
        about: place.length === 0 ? '' : `From ${file.path}, ${place.join(' / ')}:`,
      };
    },
  };
}

/** The headings below the title of the document, then the entries that it is nested in. */
function placeOf(box: Box): readonly string[] {
  const headings = box.headings.length > 1 ? box.headings.slice(1) : [];
  return [...headings, ...parentsOf(box).map(parent => plainWords(parent.text))];
}

export const checklist: FileFormat = {
  type: 'checklist',
  looksLike: hasBoxes,
  read: file => readBoxItems(file, form(file)).content,
  setStatus: (file, name, to) => setBox(readBoxItems(file, form(file)).boxes, name, to),
};
