import { continuesByItself, type Instance, isAlive, waitsToLand } from '../instance.ts';

/** Ports of one run, and runs of one repository whose ports all differ. */
const portsPerRun = 20;
const runsWithPorts = 50;
/** Below the ports that systems give to outgoing connections. */
const firstPort = 20_000;
/** Repositories beside each other get ports of different thousands, as far as there are some. */
const regions = 12;

/** The smallest number, from 1, that no other run has which is at work or may run its checks still. */
export function freeSlot(instances: readonly Instance[], except?: Instance): number {
  const taken = new Set(instances.flatMap(one => (one === except || !holdsSlot(one) ? [] : (one.slot ?? []))));
  let slot = 1;
  while (taken.has(slot)) slot++;
  return slot;
}

/** It has its number for itself. */
export function holdsSlot({ state }: Instance): boolean {
  return isAlive(state) || waitsToLand(state) || continuesByItself(state) || state === 'needs-attention';
}

/** The first of the ports of a run. `place`: names the repository on this machine. */
export function portBaseOf(slot: number, place: string): number {
  let hash = 0;
  for (const character of place) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return firstPort + (hash % regions) * portsPerRun * runsWithPorts + ((slot - 1) % runsWithPorts) * portsPerRun;
}
