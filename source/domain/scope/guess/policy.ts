/** When a guess is good enough to be proposed, learned from the repository's own history. Pure. */
import type { PastChange } from './history.ts';

/** A file with its likelihood, 0 to 1. */
export interface Scored {
  readonly path: string;
  readonly likelihood: number;
}

/** What a guess must show to be proposed. */
export interface Policy {
  /** The likeliest file is at least this likely. */
  readonly top: number;
  /** Files at least this likely belong to the scope. */
  readonly low: number;
  /** Expected number of files outside the scope that would be changed all the same. */
  readonly missed: number;
}

/** From the loosest to the strictest. */
const policies: readonly Policy[] = [
  { top: 0.5, low: 0.06, missed: 0.6 },
  { top: 0.5, low: 0.04, missed: 0.6 },
  { top: 0.55, low: 0.03, missed: 0.5 },
  { top: 0.6, low: 0.02, missed: 0.4 },
  { top: 0.65, low: 0.015, missed: 0.35 },
  { top: 0.7, low: 0.01, missed: 0.3 },
  { top: 0.8, low: 0.007, missed: 0.25 },
];

/** Work of this kind goes through the whole repository, wherever its words point. */
const sweeping =
  /\b(?:clean-?ups?|tid(?:y|ied|ying)|refactor\w*|reformat\w*|format(?:ting|ted)?|typos?|lint\w*|renam\w+|everywhere|whitespace|licen[sc]e|various|misc\w*|across|unused|unnecessary|moderni[sz]\w+|overhaul|restructur\w+|rewrite)\b/i;

/** Files of the scope, likeliest first, where the guess satisfies the policy; null: it does not, so nobody should rely on it. */
export function accepted(policy: Policy, title: string, scored: readonly Scored[]): readonly Scored[] | null {
  const first = scored[0];
  if (first === undefined || first.likelihood < policy.top || sweeping.test(title)) return null;
  let missed = 0;
  for (const { likelihood } of scored) if (likelihood < policy.low) missed += likelihood;
  return missed <= policy.missed ? scored.filter(({ likelihood }) => likelihood >= policy.low) : null;
}

/** A past change with the guess that would have been made for it. */
export interface Trial {
  readonly change: PastChange;
  readonly title: string;
  readonly scored: readonly Scored[];
}

/** How a policy would have done. */
export interface Score {
  /** Changes for which it would have proposed a scope, and all. */
  readonly sure: number;
  readonly all: number;
  /** Pairs of those that it calls independent of each other, and how many of these changed a file in common. */
  readonly independent: number;
  readonly wrong: number;
}

/** Pairs that are needed before their share of wrong ones says anything. */
const fewestPairs = 20;
/** At most this share of the pairs called independent may be wrong, with room below the 2 % that are promised. */
const mostWrong = 0.008;
/** Trials that are needed to learn from them. */
const fewestTrials = 25;

export interface Learned {
  readonly policy: Policy;
  /** How that policy would have done with the repository's own latest changes; null: there are too few of them to tell. */
  readonly score: Score | null;
}

/** The policy that would have called the most pairs of past changes independent without being wrong too often; else the strictest. */
export function learnPolicy(trials: readonly Trial[]): Learned {
  const strictest = policies.at(-1) as Policy;
  if (trials.length < fewestTrials) return { policy: policies[1] ?? strictest, score: null };
  let best: { policy: Policy; score: Score } | null = null;
  for (const policy of policies) {
    const score = scoreOf(policy, trials);
    const proven = score.independent >= fewestPairs && score.wrong <= mostWrong * score.independent;
    if (proven && (best === null || score.independent > best.score.independent)) best = { policy, score };
  }
  return best ?? { policy: strictest, score: scoreOf(strictest, trials) };
}

export function scoreOf(policy: Policy, trials: readonly Trial[]): Score {
  const sure = trials.flatMap(({ change, title, scored }) => {
    const scope = accepted(policy, title, scored);
    return scope === null ? [] : [{ scope: new Set(scope.map(({ path }) => path)), files: new Set(change.files) }];
  });
  let [independent, wrong] = [0, 0];
  sure.forEach((one, place) => {
    for (const other of sure.slice(place + 1)) {
      if (meets(one.scope, other.scope)) continue;
      independent += 1;
      if (meets(one.files, other.files)) wrong += 1;
    }
  });
  return { sure: sure.length, all: trials.length, independent, wrong };
}

function meets(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  for (const file of one) if (other.has(file)) return true;
  return false;
}
