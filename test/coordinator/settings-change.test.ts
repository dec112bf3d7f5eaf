import { describe, expect, test } from 'vitest';
import { fold, initialDurableState } from '../../source/coordinator/fold/fold.ts';
import { judgeSettings, saysNothing } from '../../source/coordinator/runs/settings-change.ts';
import type { DurableState } from '../../source/coordinator/state/state.ts';
import { settingsName } from '../../source/domain/escape.ts';
import { makeInstance, makeItem } from '../helpers/core/planning.ts';
import { Scene } from '../helpers/core/scene.ts';

const name = settingsName('/r/.git/cm-tui/config.json');
const digest = (letter: string) => letter.repeat(64);
const sealed = (more: Partial<DurableState> = {}): DurableState => ({
  ...initialDurableState,
  sealed: { [name]: digest('a') },
  ...more,
});
const refused = { kind: 'refused', message: expect.stringContaining('cm-tui config trust bbbbbbbbbbbbbbbb') };

describe('settings that change while an agent runs', () => {
  test('pause landing with the command that accepts them; what is no settings file of ours is none', () => {
    const one = new Scene([makeItem('US-001')]);
    one.ready();
    const { runId } = one.running();
    const changes = [
      { tree: null, path: name, stamp: digest('b') },
      { tree: null, path: 'config core.editor', stamp: 'x' },
    ];
    one.send({ type: 'outside-seen', runId, report: { changes, work: [], onTarget: false, unknown: null } });
    const paused = one.state.queuePaused ?? '';
    expect(paused).toContain('settings changed while an agent ran: /r/.git/cm-tui/config.json.');
    expect(paused).toContain('"cm-tui config trust bbbbbbbbbbbbbbbb"');
    expect(paused.match(/config trust/g)).toHaveLength(1);
  });
});

describe('settings that a start finds', () => {
  test('are a person’s where nobody has looked before, or where they are as they were', () => {
    expect(judgeSettings(initialDurableState, { [name]: digest('a') })).toEqual({ kind: 'accepted', changed: [] });
    expect(judgeSettings(sealed(), { [name]: digest('a') })).toEqual({ kind: 'accepted', changed: [] });
  });

  test('changed by hand with no agent at work are used, and told', () => {
    expect(judgeSettings(sealed(), { [name]: digest('b') })).toEqual({
      kind: 'accepted',
      changed: ['/r/.git/cm-tui/config.json'],
    });
  });

  test('of another home folder that say nothing are no change, whatever was checked meanwhile', () => {
    const one = makeInstance(makeItem('US-001'), { state: 'merged' });
    const merge = { ...one.merge, checkSpan: { from: 1, to: 2 } };
    const checked = sealed({ instances: [{ ...one, merge }] });
    const other = settingsName('/home/other/.config/cm-tui/config.json');
    const judged = (found: string) => judgeSettings(checked, { [name]: digest('a'), [other]: found }, false, () => []);
    expect(judged(saysNothing)).toEqual({ kind: 'accepted', changed: [] });
    expect(judged(digest('b'))).toEqual(refused);
    expect(judgeSettings(checked, { [name]: saysNothing }, false, () => [])).toMatchObject({ kind: 'refused' });
  });

  test('changed while an agent ran wait for a person, whatever they became since', () => {
    const told = sealed({ outside: { [name]: digest('c') } });
    expect(judgeSettings(told, { [name]: digest('b') })).toEqual(refused);
    expect(judgeSettings(told, { [name]: digest('a') })).toMatchObject({ kind: 'accepted' });
    expect(judgeSettings(sealed(), { [name]: digest('b') }, true)).toEqual(refused);
    const check = { candidate: digest('c'), commandHash: 'x', number: 1, slot: 0, process: null, startedUp: null };
    const one = makeInstance(makeItem('US-001'), { state: 'awaiting-approval' });
    const checked = (ended: boolean) =>
      sealed({ instances: [{ ...one, merge: { ...one.merge, check: { ...check, ended } } }] });
    expect(judgeSettings(checked(false), { [name]: digest('b') })).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('was changed while US-001 was checked'),
    });
    expect(judgeSettings(checked(true), { [name]: digest('b') })).toMatchObject({ kind: 'accepted' });
  });

  test('changed while checks ran whose end is known, but that nobody noticed, wait for a person too', () => {
    const one = makeInstance(makeItem('US-001'), { state: 'awaiting-approval' });
    const span = { from: 10_000, to: 20_000 };
    const known = sealed({ instances: [{ ...one, merge: { ...one.merge, checkSpan: span } }] });
    const at = (...times: readonly number[]) => judgeSettings(known, { [name]: digest('b') }, false, () => times);
    for (const times of [[9000], [10_000], [15_000], [20_000], [], [1000, 15_000], [15_000, 60_000]])
      expect(at(...times)).toMatchObject({
        kind: 'refused',
        message: expect.stringContaining('was changed while US-001 was checked'),
      });
    for (const time of [1000, 20_001, 60_000]) expect(at(time)).toMatchObject({ kind: 'accepted' });
  });

  test('count once they are accepted, until the next change', () => {
    const told = sealed({ outside: { [name]: digest('b'), other: 'x' } });
    const accepted = fold(told, { type: 'settings-sealed', sealed: { [name]: digest('b') }, at: 1 });
    expect(accepted.outside).toEqual({ other: 'x' });
    expect(judgeSettings(accepted, { [name]: digest('b') })).toEqual({ kind: 'accepted', changed: [] });
  });
});
