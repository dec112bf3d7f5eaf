import { expect, test } from 'vitest';
import { reportHtml } from '../../../source/cli/commands/report/report-html.ts';
import { reportSvg } from '../../../source/cli/commands/report/report-svg.ts';
import { reportSummary } from '../../../source/cli/commands/report/report-words.ts';
import { sinceOf } from '../../../source/cli/commands/report/since.ts';
import { reportOf } from '../../../source/domain/timeline/report.ts';
import { timelineView } from '../../../source/ui/presentation/timeline-lines.ts';
import { fakeInstance, fakeState, noon } from '../../helpers/core/fake-handle.ts';
import { expectWellFormed } from '../../helpers/xml.ts';

const minute = 60_000;
const since = noon - 60 * minute;
const usage = { inputTokens: 1000, outputTokens: 200, costUsd: 0.5 };
const ran = (from: number, to: number) => ({
  requestedAt: noon - from * minute,
  startTime: noon - from * minute,
  endTime: noon - to * minute,
});

const instances = [
  // Began before the time of the report: only what is within it counts.
  fakeInstance('US-001', {
    ...ran(90, 30),
    state: 'merged',
    usage,
    merge: { approvedAt: noon - 20 * minute, landedAt: noon - 19 * minute, landed: 'a'.repeat(40) },
  }),
  fakeInstance('US-002', { ...ran(50, 40), state: 'failed', runId: 'first', agent: 'codex' }),
  fakeInstance('US-002', {
    ...ran(10, 0),
    endTime: null,
    state: 'running',
    runId: 'second',
    attempt: 2,
    handBacks: 1,
    usage,
  }),
  fakeInstance('US-003', { ...ran(300, 200), state: 'merged', merge: { landedAt: noon - 199 * minute } }),
  fakeInstance('US-004', { ...ran(5, 5), state: 'merged', reverts: { runId: 'x', commit: 'y' } as never }),
];

test('hours, cost, landed and rework are summed up per agent and per item', () => {
  const report = reportOf(instances, since, noon);
  expect(report.totals).toEqual({
    runs: 3,
    workedMs: 50 * minute,
    waitedMs: 10 * minute,
    landed: 1,
    reverted: 0,
    rework: 2,
    inputTokens: 2000,
    outputTokens: 400,
    costUsd: 1,
  });
  expect(report.agents.map(({ agent, runs, workedMs }) => [agent, runs, workedMs])).toEqual([
    ['demo', 2, 40 * minute],
    ['codex', 1, 10 * minute],
  ]);
  expect(report.items.map(({ key, state, agents, landed, rework }) => [key, state, agents, landed, rework])).toEqual([
    ['US-001', 'merged', ['demo'], 1, 0],
    ['US-002', 'running', ['codex', 'demo'], 0, 2],
  ]);
  expect(reportSummary(report)).toContain(
    '1 item landed in 3 runs, 50m00s of agents at work, $1.00, 2k tokens, 2 rework.',
  );
});

test('what was reverted does not count as landed, and what is not known is no zero', () => {
  const [first] = instances;
  const reverted = fakeInstance('US-001', { ...first, takenBack: 'b'.repeat(40), usage: undefined } as never);
  expect(reportOf([reverted], since, noon).totals).toMatchObject({ landed: 0, reverted: 1, costUsd: null });
  expect(reportSummary(reportOf([], since, noon))).toContain('Nothing has run since ');
});

test('the page and the picture are whole, hold nothing from outside, and escape what is foreign', () => {
  const evil = fakeInstance('US-<1>', { title: '"><script>alert(1)</script> & \u001b[31m', state: 'running' });
  const all = [...instances, evil];
  const report = reportOf(all, since, noon);
  const html = reportHtml(report, timelineView(fakeState({ instances: all }), noon, true), 'shop → main');
  expectWellFormed(html.replace('<!DOCTYPE html>\n', ''));
  const svg = reportSvg(report, 'shop → main');
  expectWellFormed(svg);
  for (const document of [html, svg]) {
    expect(document).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(document.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
      /https?:|<script|href|src=|@import|url\(|@font-face/i,
    );
  }
  expect(html.match(/<svg /g)).toHaveLength(2);
  expect(html).toContain('<td>US-002</td><td>running</td>');
});

test('--since takes a date, a time, words and a length', () => {
  const day = 24 * 60 * minute;
  expect(sinceOf(undefined, noon)).toBe(noon - day);
  expect(sinceOf('2026-03-01', noon)).toBe(new Date(2026, 2, 1).getTime());
  expect(sinceOf('2026-03-01T14:00', noon)).toBe(new Date(2026, 2, 1, 14).getTime());
  expect(sinceOf('today', noon)).toBe(new Date(2026, 2, 2).getTime());
  expect(sinceOf('yesterday', noon)).toBe(new Date(2026, 2, 1).getTime());
  expect(sinceOf('7d', noon)).toBe(noon - 7 * day);
  for (const text of ['soon', '12', '2026-13-40'])
    expect(() => sinceOf(text, noon), text).toThrow('Use a date such as');
});
