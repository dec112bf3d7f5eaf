/** Guesses which files a piece of work will change, from its words and the repository alone. Pure. */
import { collectEvidence, type Evidence, type NameUse, type WorkText } from './features.ts';
import { History, type PastChange } from './history.ts';
import { likelihood } from './likelihood.ts';
import { indexFiles } from './mentions.ts';
import { PathWords } from './path-words.ts';
import { accepted, type Learned, learnPolicy, type Scored, type Trial } from './policy.ts';
import { reasonsFor } from './reasons.ts';

export interface GuessedFile {
  readonly path: string;
  readonly reasons: readonly string[];
  /** How likely it is to be changed, 0 to 1. */
  readonly likelihood: number;
}

export interface Guess {
  /** Would the guess be right often enough to rely on it? Otherwise the scope stays unknown. */
  readonly sure: boolean;
  /** Files of the scope, likeliest first; empty unless sure. Also those that are merely possible: a scope is rather too wide. */
  readonly files: readonly GuessedFile[];
  /** Where it is not sure: the likeliest files, for a person to choose from. */
  readonly candidates: readonly GuessedFile[];
}

export interface Guesser {
  /** What the repository's own history says about how much to rely on guesses. */
  readonly learned: Learned;
  /** `uses`: where the names stand that the text spells (`namesIn`). */
  guess(text: WorkText, uses: readonly NameUse[]): Guess;
}

/** Past changes that guesses are tried on. */
const mostTrials = 160;
const mostCandidates = 8;
const fewestLikely = 0.03;

/** `history`: newest first. `files`: what is tracked now. `known`: what was learned from the history before. */
export function createGuesser(files: readonly string[], history: readonly PastChange[], known?: Learned): Guesser {
  const index = indexFiles(files);
  const paths = new PathWords(files);
  const past = new History(history);
  const score = ({ features }: Evidence): readonly Scored[] =>
    [...features]
      .map(([path, found]) => ({ path, likelihood: likelihood(found, files.length) }))
      .filter(one => one.likelihood > 0)
      .sort((a, b) => b.likelihood - a.likelihood || (a.path < b.path ? -1 : 1));
  const learned = known ?? learnPolicy(tryOut());
  function tryOut(): readonly Trial[] {
    const trials: Trial[] = [];
    past.changes.slice(0, mostTrials).forEach((change, place) => {
      const known = change.files.filter(file => index.files.has(file));
      if (known.length === 0) return;
      const text = messageText(change.text);
      const evidence = collectEvidence(text, index, paths, past, [], place + 1);
      trials.push({ change, title: text.title, scored: score(evidence) });
    });
    return trials;
  }
  return {
    learned,
    guess(text, uses) {
      const evidence = collectEvidence(text, index, paths, past, uses);
      const scored = score(evidence);
      const explain = ({ path, likelihood: likely }: Scored): GuessedFile => ({
        path,
        reasons: reasonsFor(path, evidence),
        likelihood: Math.round(likely * 100) / 100,
      });
      const created = evidence.mentions
        .filter(({ kind }) => kind === 'new')
        .map(({ path }) => ({ path, likelihood: 0.9 }));
      const scope = accepted(learned.policy, text.title, created.length > 0 ? [...created, ...scored] : scored);
      if (scope !== null) return { sure: true, files: scope.map(explain), candidates: [] };
      const likely = [...created, ...scored.filter(one => one.likelihood >= fewestLikely)];
      return { sure: false, files: [], candidates: likely.slice(0, mostCandidates).map(explain) };
    },
  };
}

/** A commit message as the text of a piece of work. */
export function messageText(message: string): WorkText {
  const end = message.indexOf('\n');
  return end < 0 ? { title: message, body: '' } : { title: message.slice(0, end), body: message.slice(end + 1) };
}
