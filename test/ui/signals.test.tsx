import { afterEach, describe, expect, test } from 'vitest';
import type { RunSignals } from '../../source/coordinator/state/handle.ts';
import type { AgentUsage } from '../../source/domain/cost/agent-usage.ts';
import { headerLine, machineLine, nothingShown } from '../../source/ui/overview/header.ts';
import { paneTitle } from '../../source/ui/overview/panes.ts';
import { lineText, lineWidth } from '../../source/ui/presentation/line.ts';
import { money, usageFacts, usageSentence } from '../../source/ui/presentation/usage.ts';
import { FakeHandle, fakeInstance, fakeItem, fakeState, noon, stateWith } from '../helpers/core/fake-handle.ts';
import { type RunningScreen, screenAt } from '../helpers/render-at.tsx';

const minute = 60_000;
const size = { columns: 160, rows: 45 };

const usage = (costUsd: number | null, inputTokens: number | null = null, outputTokens: number | null = null) =>
  ({ costUsd, inputTokens, outputTokens }) satisfies AgentUsage;

const signals = (activity: string | null, used: AgentUsage | null = null): RunSignals => ({
  activity,
  lastOutput: noon,
  usage: used,
});

describe('what a run has used', () => {
  test('money and tokens are told no finer than they matter, and not where there are none', () => {
    expect([0, 0.0004, 0.005, 0.126, 12].map(money)).toEqual(['$0.00', 'under $0.01', '$0.01', '$0.13', '$12.00']);
    expect(usageFacts(usage(null))).toEqual([]);
    expect(usageFacts(usage(0, 0, 0))).toEqual([]);
    expect(usageFacts(usage(0.12, 900, 50))).toEqual(['$0.12', '950 tokens']);
    expect(usageFacts(usage(null, 11_600))).toEqual(['12k tokens']);
    expect(usageFacts(usage(null, 999_400, 0))).toEqual(['999k tokens']);
    expect(usageFacts(usage(null, 999_600, 0))).toEqual(['1.0M tokens']);
  });

  test('the sentence tells every number that is known', () => {
    expect(usageSentence(usage(null))).toBeNull();
    expect(usageSentence(usage(0.42, 11_200, 840))).toBe('$0.42, 11200 tokens in, 840 tokens out');
    expect(usageSentence(usage(null, 7))).toBe('7 tokens in');
  });
});

describe('the title of a pane', () => {
  const title = (...of: Parameters<typeof paneTitle>): string => lineText(paneTitle(...of));

  test('says what the agent does and what that has cost', () => {
    const one = fakeInstance('US-001', { agent: 'claude' });
    expect(title(one, noon, signals('editing source/app.ts', usage(0.12, 11_200, 800)))).toBe(
      'US-001 ● running since 11:55  editing source/app.ts  claude · $0.12 · 12k tokens  Title of US-001',
    );
    expect(title(one, noon, null)).toBe('US-001 ● running since 11:55  claude  Title of US-001');
  });

  test('does not let an activity take all the room, nor bring control characters', () => {
    const text = title(fakeInstance('US-001'), noon, signals(`running ${'x'.repeat(180)}\u001b[31m`));
    expect(text).toContain('xx…  demo');
    expect(text).not.toContain('\u001b');
  });

  test('of a run that has ended says what it used, and no longer what it did', () => {
    const ended = fakeInstance('US-001', { state: 'failed', endTime: noon, usage: usage(0.5) });
    const text = title(ended, noon, signals('editing source/app.ts'));
    expect(text).toContain('$0.50');
    expect(text).not.toContain('editing');
  });

  test('of a run that goes on adds what its earlier parts have used, once', () => {
    const continued = { at: noon - minute, message: 'go on', usage: usage(0.5) };
    const told = signals(null, usage(0.25));
    expect(title(fakeInstance('US-001', { continued, usage: usage(0.5) }), noon, told)).toContain('$0.75');
    const preparing = fakeInstance('US-001', { state: 'preparing', continued, usage: usage(0.5) });
    expect(title(preparing, noon, signals(null, usage(0.5)))).toContain('$0.50');
  });
});

describe('the header', () => {
  const ended = fakeInstance('US-001', { state: 'failed', endTime: noon - minute, usage: usage(0.5) });
  const atWork = fakeInstance('US-002');
  const state = (startedAt: number) => ({ ...stateWith([], { instances: [ended, atWork] }), startedAt });
  const header = (startedAt: number, told: RunSignals | null): string =>
    lineText(
      headerLine(
        state(startedAt),
        { viewer: false, name: 'shop', ...(told === null ? {} : { signals: { [atWork.runId]: told } }) },
        noon,
        160,
      ),
    );

  test('says what all runs since the start have cost, those at work included', () => {
    expect(header(0, null)).toContain('$0.50 spent');
    expect(header(0, signals(null, usage(0.25)))).toContain('$0.75 spent');
    expect(header(noon, signals(null, usage(0.25)))).toContain('$0.25 spent');
  });

  test('says nothing of costs where nothing costs anything', () => {
    expect(header(noon, null)).not.toContain('spent');
    expect(header(noon, signals(null, usage(0)))).not.toContain('spent');
  });

  test.each([60, 80, 120, 160])(
    'says at %i columns which agent is paused until when, beside the capacity, and no longer than that',
    width => {
      const resting = fakeState({ cooldowns: { claude: noon + 30 * minute, codex: noon - minute } });
      const row = machineLine(resting, nothingShown, noon, width);
      expect(lineText(row)).toMatch(/‖ claude paused until 12:30 {3}capacity 4/);
      expect(lineText(row)).not.toContain('codex');
      expect(lineWidth(row)).toBeLessThanOrEqual(width);
      expect(lineText(machineLine(resting, nothingShown, noon + 30 * minute, width))).not.toContain('paused');
    },
  );
});

describe('on the screen', () => {
  let running: RunningScreen | null = null;

  afterEach(async () => {
    await running?.end();
    running = null;
  });

  test('a pane follows what its agent does, and an agent that does nothing new costs no bytes', async () => {
    const one = fakeInstance('US-001');
    const handle = new FakeHandle(
      stateWith([fakeItem('US-001')], { instances: [one], cooldowns: { claude: noon + 30 * minute } }),
    );
    running = await screenAt(handle, size);
    await running.waitForText('claude paused until 12:30');
    handle.signalled = { [one.runId]: signals('editing source/app.ts', usage(0.12)) };
    handle.logs.append(one.runId, ['Edit source/app.ts']);
    await running.waitForText('editing source/app.ts  demo · $0.12');
    handle.set({ ...handle.state(), inFlight: {} });
    await running.waitForText('$0.12 spent');
    await running.still();
    const before = running.terminal.written.length;
    for (let count = 0; count < 5; count++) handle.set({ ...handle.state(), inFlight: {} });
    await running.still();
    expect(running.terminal.written.length).toBe(before);
  });

  test('the details tell session, use and end of every run', async () => {
    const one = fakeInstance('US-001', {
      state: 'failed',
      endTime: noon,
      exitCode: 143,
      sessionId: '0b9e4c7e-1111',
      ending: { cause: 'silence', reason: 'printed nothing for 600 seconds (noOutputTimeout)' },
      result: { ok: false, message: 'the tests fail', up: 1 },
      usage: usage(0.5, 11_200, 840),
    });
    running = await screenAt(new FakeHandle(stateWith([fakeItem('US-001')], { instances: [one] })), size);
    await running.waitForText('q quit');
    running.press('i');
    const rows = (await running.waitForText('Session')).join('\n');
    expect(rows).toMatch(/Session +0b9e4c7e-1111/);
    expect(rows).toMatch(/Used +\$0\.50, 11200 tokens in, 840 tokens out/);
    expect(rows).toMatch(
      /End +stopped by cm-tui: it printed nothing for 600 seconds \(noOutputTimeout\); exit code 143; it reported failure: the/,
    );
  });
});
