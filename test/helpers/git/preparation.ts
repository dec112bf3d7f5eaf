import type { PrepareRequest } from '../../../source/ports/git.ts';

/** What every candidate of a test is asked with, unless the test is about it. */
export const preparation = {
  runId: 'abcdefgh12345678',
  slug: '043',
  target: 'main',
  branchName: 'roadmap-043',
  message: 'Merge US-043 parallel execution',
  trailers: {},
  status: null,
} satisfies Omit<PrepareRequest, 'head'>;
