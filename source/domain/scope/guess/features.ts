/** What speaks for each tracked file to be changed by a piece of work, as numbers from 0 to 1. Pure. */
import type { History } from './history.ts';
import { type FileIndex, type Mention, mentionsIn } from './mentions.ts';
import type { PathWords } from './path-words.ts';
import { wordsOf } from './words.ts';

/** What a piece of work says of itself. */
export interface WorkText {
  readonly title: string;
  /** Its section, prompt or message without the title. */
  readonly body: string;
}

export interface Features {
  /** The text names the file. */
  readonly named: number;
  /** The text names a folder that it is in. */
  readonly below: number;
  /** It holds a name that the text spells; the fewer files do, the more that says. */
  readonly symbol: number;
  /** A name of the text is defined in it, as far as its text shows. */
  readonly defines: number;
  /** Words of the title are in its name. */
  readonly title: number;
  /** Words of the text are in its path. */
  readonly words: number;
  /** Earlier changes with like words changed it. */
  readonly history: number;
  /** Times how alike the words of the best of those were. */
  readonly alike: number;
  /** It changes together with files that much speaks for. */
  readonly together: number;
  /** How often it changes anyway. */
  readonly heat: number;
}

/** Which tracked files hold a name; `defined`: those in which a line looks like its definition. */
export interface NameUse {
  readonly name: string;
  readonly files: readonly string[];
  readonly defined: readonly string[];
}

export interface Evidence {
  readonly features: ReadonlyMap<string, Features>;
  readonly mentions: readonly Mention[];
  readonly uses: readonly NameUse[];
}

const none: Features = {
  named: 0,
  below: 0,
  symbol: 0,
  defines: 0,
  title: 0,
  words: 0,
  history: 0,
  alike: 0,
  together: 0,
  heat: 0,
};

type Raised = { -readonly [Kind in keyof Features]: number };
const kinds = Object.keys(none) as (keyof Features)[];

/** A name in more files than this is a common word. */
export const mostUses = 12;

export function collectEvidence(
  text: WorkText,
  files: FileIndex,
  paths: PathWords,
  history: History,
  uses: readonly NameUse[],
  from = 0,
): Evidence {
  const features = new Map<string, Features>();
  const raise = (path: string, change: Partial<Features>) => {
    if (!files.files.has(path)) return;
    const before = features.get(path) ?? none;
    const after: Raised = { ...before };
    for (const name of kinds) after[name] = Math.max(before[name], change[name] ?? 0);
    features.set(path, after);
  };
  const mentions = mentionsIn(`${text.title}\n${text.body}`, files);
  for (const { path, kind } of mentions) {
    if (kind === 'file') raise(path, { named: 1 });
    if (kind === 'name') raise(path, { named: 0.6 });
    if (kind === 'folder') for (const file of files.files) if (file.startsWith(`${path}/`)) raise(file, { below: 1 });
  }
  for (const { files: holders, defined } of uses) {
    if (holders.length === 0 || holders.length > mostUses) continue;
    for (const file of holders) raise(file, { symbol: 1 / Math.sqrt(holders.length) });
    for (const file of defined) raise(file, { defines: 1 / Math.sqrt(defined.length) });
  }
  const title = wordsOf(withoutFolders(text.title));
  const all = [...new Set([...title, ...wordsOf(withoutFolders(text.body)).slice(0, 60)])];
  for (const match of paths.matches(new Set(title), new Set(all)))
    raise(match.path, { title: match.title, words: match.words });
  const { votes, best } = history.votes(all, from);
  for (const [file, vote] of votes) raise(file, { history: vote, alike: vote * best });
  addCompanions(features, history, from, raise);
  for (const [file, known] of features) features.set(file, { ...known, heat: history.heat(file, from) });
  return { features, mentions, uses };
}

/** A path in a text names one file; the words of its folders say nothing about others. */
function withoutFolders(text: string): string {
  return text.replace(/[\w.@-]+(?:\/[\w.@-]+)+/g, path => path.slice(path.lastIndexOf('/') + 1));
}

/** Files that change together with the ones that most speaks for. */
function addCompanions(
  features: ReadonlyMap<string, Features>,
  history: History,
  from: number,
  raise: (path: string, change: Partial<Features>) => void,
): void {
  const seeds = [...features]
    .map(([file, f]) => ({
      file,
      strength: Math.min(1, f.named + f.defines * 0.7 + f.title * 0.7 + f.alike + f.symbol * 0.3),
    }))
    .filter(({ strength }) => strength >= 0.3)
    .sort((a, b) => b.strength - a.strength)
    .slice(0, 8);
  for (const { file, strength } of seeds)
    for (const [other, part] of history.companions(file, from)) raise(other, { together: part * strength });
}
