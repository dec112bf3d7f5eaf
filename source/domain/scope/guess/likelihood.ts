/** From what speaks for a file to how likely it is to be changed. Pure. */
import type { Features } from './features.ts';

/**
 * How much each kind of evidence counts, in log odds. From a logistic regression over 960 commits of six public repositories, then
 * rounded and adjusted by hand (docs/scopes.md); no weight may be negative: more evidence never makes a file less likely.
 */
const weights: Readonly<Record<keyof Features, number>> = {
  named: 4.4,
  below: 1.5,
  symbol: 1.9,
  defines: 1.3,
  title: 1.8,
  words: 1.4,
  history: 4.9,
  alike: 1.5,
  together: 0.3,
  heat: 3.2,
};
const bias = -0.7;
/** In a small repository every file is likely; without this much evidence nothing is said of it. */
const leastEvidence = 1;

/** A change touches about two files, however many there are; beyond this many the rest are files nobody works on. */
const mostFiles = 400;

/** How likely a file is to be changed, 0 to 1, in a repository of so many tracked files. */
export function likelihood(features: Features, trackedFiles: number): number {
  let evidence = 0;
  for (const [name, weight] of Object.entries(weights) as [keyof Features, number][]) {
    const value = features[name];
    evidence += weight * (name === 'heat' ? Math.sqrt(value) : value);
  }
  if (evidence < leastEvidence) return 0;
  const before = bias - Math.log(Math.min(mostFiles, Math.max(4, trackedFiles)) / 2);
  return 1 / (1 + Math.exp(-before - evidence));
}
