/** Lists that lie where people keep them and nobody named: they are not read, and that is said instead of nothing. */
import { join } from 'node:path';
import type { SourceProblem } from '../../domain/item.ts';
import { escapePath } from '../../domain/text/sanitize.ts';
import { readFolder, readRegularText } from '../regular-file.ts';
import { roadmapPlaces } from './roadmap.ts';

const folders = ['', 'docs'];
const usualName = /^(?:roadmap|todos?|tasks?|plan|backlog|stories)(?:\.(?:md|markdown|txt|org|adoc|rst))?$/i;
const markdown = /\.(?:md|markdown|txt)$|^[^.]+$/i;
const holdsWork = /^[ \t]*[-*+][ \t]+\[[ xX~-]\]|^#{1,6}[ \t].*\b(?:US|BUG|TASK|PRIORITY)[- ]?\d/m;

/** The first of them below the repository's folder, as a problem with the way to use it; null: there is none. */
export function unnamedList(root: string): SourceProblem | null {
  for (const folder of folders) {
    for (const name of namesIn(join(root, folder))) {
      const path = join(folder, name);
      if (!usualName.test(name) || roadmapPlaces.includes(path)) continue;
      const message = sentenceOn(root, path);
      if (message !== null) return { line: 1, code: 'empty', message };
    }
  }
  return null;
}

function sentenceOn(root: string, path: string): string | null {
  const shown = escapePath(path);
  if (!markdown.test(path)) return `${shown} is not read, since it is not Markdown. Write its items into ROADMAP.md.`;
  if (!holdsWork.test(textOf(join(root, path)))) return null;
  return `${shown} holds a list, but is not read until you name it: "--roadmap ${shown}", or for good "cm-tui config set roadmap ${shown}".`;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readFolder(folder) ?? [];
  } catch {
    return [];
  }
}

/** Empty where it is no file, cannot be read or is gone. */
function textOf(path: string): string {
  try {
    return readRegularText(path) ?? '';
  } catch {
    return '';
  }
}
