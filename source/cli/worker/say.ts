import { join } from 'node:path';
import { runFolder } from '../../adapters/processes/run-folder.ts';
import { readRegular } from '../../adapters/regular-file.ts';
import type { Oid } from '../../domain/ids.ts';
import { type Instance, isAlive } from '../../domain/instance.ts';
import type { Said } from '../../ports/fleet/fleet.ts';
import type { BranchFacts } from '../../ports/git.ts';

/** Bytes of output that come with the end of a run. */
const tailBytes = 16 * 1024;
const pathLimit = 100;

/** It has come to its end here, whatever that was. */
export function isOver({ state }: Instance): boolean {
  return !isAlive(state) && state !== 'completed' && state !== 'waiting';
}

/** Everything that is known of a run at work, each under the name by which it is said once. */
export function saidSoFar(instance: Instance): readonly (readonly [string, Said])[] {
  const { process, sessionId, result, usage } = instance;
  const words: (readonly [string, Said])[] = [['claimed', { what: 'claimed' }]];
  if (process !== null) words.push(['started', { what: 'started', process }]);
  if (sessionId !== null) words.push([`session-${sessionId.length}`, { what: 'session', sessionId }]);
  if (result !== undefined) {
    const { ok, message, asks } = result;
    words.push([`result-${result.up}`, { what: 'result', ok, message, ...(asks === true ? { asks } : {}) }]);
  }
  if (usage !== undefined && isOver(instance)) {
    const { inputTokens, outputTokens, costUsd } = usage;
    words.push(['usage', { what: 'usage', usage: { inputTokens, outputTokens, costUsd } }]);
  }
  return words;
}

/** The last word of a run. `base`: what it began from. */
export function lastWord(instance: Instance, facts: BranchFacts, base: Oid, runsDir: string): Said {
  const { exitCode, lost, ending, slug } = instance;
  return {
    what: 'ended',
    exitCode: exitCode ?? (instance.process === null ? 1 : null),
    lost: lost === 'unreachable' ? null : lost,
    limit: ending?.reason ?? null,
    head: facts.head === base ? null : facts.head,
    dirty: facts.dirty.slice(0, pathLimit),
    operation: facts.operation,
    tail: tailOf(join(runFolder(runsDir, slug), 'out.log')),
  };
}

function tailOf(file: string): string {
  try {
    const bytes = readRegular(file);
    if (bytes === null) return '';
    const text = bytes.subarray(-tailBytes).toString('utf8');
    return bytes.length > tailBytes ? text.slice(text.indexOf('\n') + 1) : text;
  } catch {
    return '';
  }
}
