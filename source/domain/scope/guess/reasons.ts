/** Why a file is proposed, in words for a person. Pure. */
import { type Evidence, mostUses } from './features.ts';

/** The reason for a file that is not there yet. */
export const namedNew = 'named in the text, new';

/** At most three reasons, the strongest first. */
export function reasonsFor(path: string, evidence: Evidence): readonly string[] {
  const found: { readonly weight: number; readonly text: string }[] = [];
  const mention = evidence.mentions.find(one => one.path === path);
  if (mention !== undefined) found.push({ weight: 5, text: mention.kind === 'new' ? namedNew : 'named in the text' });
  const folder = evidence.mentions.find(one => one.kind === 'folder' && path.startsWith(`${one.path}/`));
  if (folder !== undefined) found.push({ weight: 1.5, text: `in ${folder.path}/, which the text names` });
  const features = evidence.features.get(path);
  if (features !== undefined) {
    const defines = namesOf(evidence, path, 'defined');
    const holds = namesOf(evidence, path, 'files').filter(name => !defines.includes(name));
    if (defines.length > 0) found.push({ weight: 3, text: `defines ${defines.slice(0, 2).join(', ')}` });
    if (holds.length > 0) found.push({ weight: 1.9, text: `uses ${holds.slice(0, 2).join(', ')}` });
    if (features.title > 0.1) found.push({ weight: 1.8 * features.title, text: 'its name is in the title' });
    else if (features.words > 0.1)
      found.push({ weight: 1.4 * features.words, text: 'words of the text are in its path' });
    if (features.history > 0.02)
      found.push({ weight: 4.9 * features.history, text: 'earlier commits with like words changed it' });
    if (features.together > 0.2)
      found.push({ weight: features.together, text: 'changes together with the files above' });
    if (features.heat > 0.1)
      found.push({ weight: features.heat, text: `in ${Math.round(features.heat * 100)} % of the latest commits` });
  }
  if (found.length === 0) found.push({ weight: 0, text: 'shares words with the text' });
  return found
    .sort((a, b) => b.weight - a.weight)
    .slice(0, 3)
    .map(({ text }) => text);
}

function namesOf({ uses }: Evidence, path: string, which: 'files' | 'defined'): readonly string[] {
  return uses.filter(use => use.files.length <= mostUses && use[which].includes(path)).map(({ name }) => name);
}
