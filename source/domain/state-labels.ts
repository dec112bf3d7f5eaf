import type { InstanceState } from './instance.ts';

/** What is told of a run when it comes to a state that a person wants to hear of: the words behind its key. */
export const stateLabels: Readonly<Partial<Record<InstanceState, string>>> = {
  'awaiting-approval': 'has finished and waits for your yes',
  merged: 'has landed',
  conflict: 'conflicts with the target',
  'checks-failed': 'failed its checks',
  blocked: 'is blocked',
  failed: 'failed',
  interrupted: 'was interrupted',
  'no-work': 'ended without a commit',
  'needs-attention': 'needs you',
};
