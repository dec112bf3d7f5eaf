import { describe, expect, it } from 'vitest';
import type { Effect } from '../../source/coordinator/state/effects.ts';
import type { Instance } from '../../source/domain/instance.ts';
import { knownScope, makeInstance, makeItem } from '../helpers/core/planning.ts';
import { agent, look, oid, Scene } from '../helpers/core/scene.ts';
import * as promise from '../helpers/world/invariants.ts';

const item = makeItem('US-001');
const run = makeInstance(item);
const kill: Effect = { type: 'process.kill', runId: run.runId, effectId: 1 };

function stateWith(...instances: readonly Instance[]) {
  return { ...new Scene([item]).state, instances };
}

/** A way to keep each promise, and a way to break it. */
const promises: readonly (readonly [string, () => void, () => void])[] = [
  [
    'I1 no work is lost',
    () => promise.nothingIsLost([oid('a')], new Set([oid('a')]), new Set([oid('a')])),
    () => promise.nothingIsLost([oid('a')], new Set([oid('a')]), new Set([oid('b')])),
  ],
  [
    'I1 no work is lost',
    () => promise.removesOnlyWhatIsOver(makeInstance(item, { state: 'merged' }), ['.env'], ['.env']),
    () => promise.removesOnlyWhatIsOver(makeInstance(item, { state: 'queued' }), [], []),
  ],
  [
    'I1 no work is lost',
    () => promise.removesOnlyWhatIsOver(makeInstance(item, { state: 'merged' }), [], ['.env']),
    () => promise.removesOnlyWhatIsOver(makeInstance(item, { state: 'merged' }), ['.env'], []),
  ],
  [
    'I2 what lands was built on the target',
    () => promise.landsWhatWasTested({ from: oid('a'), to: oid('b'), builtOn: oid('a'), passed: true }),
    () => promise.landsWhatWasTested({ from: oid('a'), to: oid('b'), builtOn: oid('c'), passed: true }),
  ],
  [
    'I2 what lands was tested',
    () => promise.landsWhatWasTested({ from: oid('a'), to: oid('b'), builtOn: oid('a'), passed: true }),
    () => promise.landsWhatWasTested({ from: oid('a'), to: oid('b'), builtOn: oid('a'), passed: false }),
  ],
  [
    'I2 only a landing is taken back',
    () => promise.goesBackByOneLanding({ from: oid('b'), to: oid('a'), landed: oid('b'), firstParent: oid('a') }),
    () => promise.goesBackByOneLanding({ from: oid('c'), to: oid('a'), landed: oid('b'), firstParent: oid('a') }),
  ],
  [
    'I2 only a landing is taken back',
    () => promise.goesBackByOneLanding({ from: oid('b'), to: oid('a'), landed: oid('b'), firstParent: oid('a') }),
    () => promise.goesBackByOneLanding({ from: oid('b'), to: oid('e'), landed: oid('b'), firstParent: oid('a') }),
  ],
  [
    'I2 the target never stands at what was not checked',
    () => promise.returnsToWhatWasThere(oid('a'), [oid('a'), null]),
    () => promise.returnsToWhatWasThere(oid('a'), [oid('b'), null]),
  ],
  [
    'I3 no branch is blamed for another',
    () => promise.blamedAlone(oid('a'), [oid('a')]),
    () => promise.blamedAlone(oid('a'), [oid('b')]),
  ],
  ['I2 a landing is taken back on request', () => promise.undoneOnRequest(1, 1), () => promise.undoneOnRequest(2, 1)],
  [
    'I2 what was taken back stays away',
    () => promise.staysTakenBack([oid('a')], () => false),
    () => promise.staysTakenBack([oid('a')], one => one === oid('a')),
  ],
  [
    'I2 a status line changes nothing else',
    () => promise.changesOnly('ROADMAP.md', ['ROADMAP.md']),
    () => promise.changesOnly('ROADMAP.md', ['ROADMAP.md', 'a.ts']),
  ],
  [
    'I3 an approval names a commit',
    () => promise.landsWhatWasApproved(oid('a'), oid('a')),
    () => promise.landsWhatWasApproved(null, null),
  ],
  [
    'I4 the tree of the user is sacred',
    () => promise.userFilesAreUntouched(new Map([['a', '1']]), new Map([['a', '1']])),
    () => promise.userFilesAreUntouched(new Map([['a', '1']]), new Map([['a', '2']])),
  ],
  [
    'I5 one landing at a time',
    () => promise.oneLandingAtATime(['git.land', 'git.predict', 'git.predict']),
    () => promise.oneLandingAtATime(['git.land', 'git.prepare']),
  ],
  [
    'I5 one landing at a time',
    () => promise.oneLandingAtATime(['git.undo', 'git.prepare']),
    () => promise.oneLandingAtATime(['git.undo', 'git.land']),
  ],
  [
    'I5 the intent is journaled first',
    () => promise.intentComesFirst(kill, stateWith(makeInstance(item, { state: 'stopping' }))),
    () => promise.intentComesFirst(kill, stateWith(run)),
  ],
  [
    'I5 the intent is journaled first',
    () => promise.intentComesFirst({ type: 'target.read' }, stateWith()),
    () => promise.intentComesFirst(kill, stateWith()),
  ],
  [
    'I5 reconciling twice changes nothing',
    () => promise.nothingIsLeftToReconcile(stateWith(run), look()),
    () => promise.nothingIsLeftToReconcile(stateWith(makeInstance(item, { state: 'completed' })), look()),
  ],
  [
    'I6 unknown is not dead',
    () => promise.whatRunsIsKnown([run.runId], stateWith(run)),
    () => promise.whatRunsIsKnown([run.runId], stateWith(makeInstance(item, { state: 'interrupted' }))),
  ],
  [
    'I7 only what is ours is ended',
    () => promise.signalsOnlyItsOwn(makeInstance(item, { process: agent }), agent),
    () => promise.signalsOnlyItsOwn(makeInstance(item, { process: agent }), { ...agent, startTime: '100' }),
  ],
  [
    'I8 no foreign byte reaches the terminal',
    () => promise.wordsAreHarmless({ type: 'notice-raised', level: 'info', text: 'Grüße', runId: null, at: 1 }),
    () => promise.wordsAreHarmless({ type: 'notice-raised', level: 'info', text: '\u001b[2J', runId: null, at: 1 }),
  ],
  [
    'nothing overlaps',
    () => promise.scopesAreApart(apart('US-002', 'b/'), [run], { unknownScope: 'serial' }),
    () => promise.scopesAreApart(apart('US-002', 'source/US-001/a.ts'), [run], { unknownScope: 'serial' }),
  ],
  [
    'an item runs once',
    () =>
      promise.scopesAreApart(apart('US-001', 'b/'), [makeInstance(item, { state: 'failed' })], {
        unknownScope: 'serial',
      }),
    () => promise.scopesAreApart(apart('US-001', 'b/'), [run], { unknownScope: 'serial' }),
  ],
  [
    'dependencies come first',
    () => promise.dependenciesAreDone(dependent, [item], [makeInstance(item, { state: 'cleaned' })]),
    () => promise.dependenciesAreDone(dependent, [item], [run]),
  ],
  ['capacity is kept', () => promise.capacityHolds(1, 4, 2), () => promise.capacityHolds(2, 4, 2)],
  [
    'everything lands once',
    () => promise.landsOnce(run.runId, { landings: [oid('a')], on: () => false }),
    () => promise.landsOnce(run.runId, { landings: [oid('a')], on: () => true }),
  ],
];

const dependent = makeItem('US-002', { dependsOn: ['US-001'] });

function apart(priorityId: string, path: string) {
  return { priorityId, key: priorityId, scope: knownScope(path) };
}

describe('the promises', () => {
  it.each(promises)('%s: is kept, and its breach is seen', (name, kept, broken) => {
    expect(kept).not.toThrow();
    expect(broken).toThrow(promise.BrokenPromise);
    expect(broken).toThrow(name);
  });
});
