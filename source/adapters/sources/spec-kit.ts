/**
 * spec-kit (`specs/<feature>/tasks.md`): `- [ ] T012 [P] [US1] Words with a path`. Phases follow each other; within one, neighbours marked
 * `[P]` may run side by side and everything else waits for what stands above it.
 */
import { basename, dirname } from 'node:path/posix';
import type { Box } from './reading/boxes.ts';
import { type BoxForm, type BoxItem, readBoxItems, StepOrder, setBox } from './reading/checkboxes.ts';
import type { FileFormat, SourceFile } from './reading/format.ts';
import { dependenciesIn, pathsIn, plainTitle, scopeFromPaths } from './reading/words.ts';

const entry = /^(?:\*\*)?(T\d{1,6}[a-z]?)(?:\*\*)?[:.]?\s+((?:\[[^\]]{1,20}\]\s*)*)(.*)$/su;
const ids = /\bT\d{1,6}[a-z]?\b/g;

function form(file: SourceFile): BoxForm {
  const feature = basename(dirname(file.path));
  const name = (id: string): string => `${feature}/${id}`;
  const order = new StepOrder();
  return {
    item(box, _, document): BoxItem | null {
      const match = entry.exec(box.text);
      if (match === null) return null;
      const [, id = '', labels = '', words = ''] = match;
      const own = document.lines.slice(box.index, box.end).join('\n');
      const beside = /\[P\]/i.test(labels);
      const before = order.next({ id, beside, phase: phaseOf(box) });
      const said = dependenciesIn(own, ids) ?? [];
      return {
        name: name(id),
        short: id,
        title: plainTitle(words, id),
        wants: [...new Set([...said.filter(one => one !== id), ...before])].map(name),
        notes: storyOf(labels),
        scope: scopeFromPaths(pathsIn(own, true), 'known'),
        group: plainTitle(phaseOf(box), '') || feature,
        parallel: beside,
        about: `${id} of ${file.path}. The specification and the plan are beside it, in ${dirname(file.path)}/.`,
      };
    },
  };
}

function phaseOf(box: Box): string {
  return box.headings.find(text => /^phase\b/i.test(text)) ?? box.headings.at(-1) ?? '';
}

function storyOf(labels: string): readonly string[] {
  const story = /\[(US\d+)\]/i.exec(labels)?.[1];
  return story === undefined ? [] : [`user story ${story.toUpperCase()}`];
}

export const specKit: FileFormat = {
  type: 'spec-kit',
  looksLike: text => /^[ \t]*[-*+] \[.\] (?:\*\*)?T\d{3,6}\b/m.test(text),
  read: file => readBoxItems(file, form(file)).content,
  setStatus: (file, name, to) => setBox(readBoxItems(file, form(file)).boxes, name, to),
};
