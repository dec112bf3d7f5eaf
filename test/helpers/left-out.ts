import { isLong } from './tiers.ts';

/** Runs once before all tests. */
export default function sayWhatIsLeftOut(): void {
  if (!isLong) console.log('Skipped here: the tests of the long programme. "npm run test:long" runs them as well.');
}
