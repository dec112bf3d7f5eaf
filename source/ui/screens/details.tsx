import type { RunSignals } from '../../coordinator/state/handle.ts';
import { planDetails } from '../../coordinator/state/planning.ts';
import { itemRows } from '../../coordinator/state/selectors.ts';
import type { State } from '../../coordinator/state/state.ts';
import { type Instance, isAlive } from '../../domain/instance.ts';
import type { Item } from '../../domain/item.ts';
import { shownState } from '../../domain/state-labels.ts';
import { escapePath, sanitizeLine } from '../../domain/text/sanitize.ts';
import { noUsage, withLiveUsage } from '../../domain/usage.ts';
import type { LayerHost, OpenLayer } from '../layer.ts';
import { sizeOf } from '../overview/rows.ts';
import { usageWords } from '../overview/usage-cells.ts';
import { type Line, line, span } from '../presentation/line.ts';
import { statusOf } from '../presentation/status.ts';
import { plural, wrapWords } from '../presentation/text.ts';
import { bytes, duration, localMoments, moment } from '../presentation/time.ts';
import { usageSentence } from '../presentation/usage.ts';
import type { Used } from '../usage-trail.ts';
import { current, TextPage } from './parts/text-page.tsx';

/** Everything known about an item: what the ROADMAP says, why it waits, what its runs did. */
export const openDetails: OpenLayer = (host, context) =>
  new TextPage(
    host,
    'details',
    () => {
      const { item, instance } = current(host, context);
      const state = host.handle.state();
      const key = sanitizeLine(item?.key ?? instance?.key ?? '', 40);
      return {
        title: line(`${key} ${sanitizeLine(item?.title ?? instance?.title ?? '', 120)}`, 'title'),
        lines: width => [
          ...(item === null ? [] : itemLines(state, item, host.now(), width)),
          ...runLines(state, host, item?.id ?? instance?.priorityId ?? '', width),
        ],
      };
    },
    { item: context.item, instance: context.instance },
  );

function fact(name: string, value: string, width: number): readonly Line[] {
  const rows = wrapWords(sanitizeLine(value, 4000), Math.max(10, width - 16));
  return rows.map((row, index) => [span(` ${(index === 0 ? name : '').padEnd(13)} `, 'dim'), span(row)]);
}

function itemLines(state: State, item: Item, now: number, width: number): readonly Line[] {
  const row = itemRows(state).find(one => one.item.id === item.id);
  const status = row?.status ?? 'unknown';
  const { glyph, word, tone } = statusOf(status);
  // A running item needs no reasons.
  const alive = row?.instance !== null && row?.instance !== undefined && isAlive(row.instance.state);
  const plan = planDetails(state);
  const why = alive ? [] : plan.lists(item.id) ? plan.reasonsOf(item.id) : [];
  const group = plan.groups().find(ids => ids.includes(item.id)) ?? [];
  return [
    [span(' Now           ', 'dim'), span(`${glyph} ${word}`, tone)],
    ...why.map(
      (reason): Line => [
        span(`${' '.repeat(15)}${reason.code}: `, 'warning'),
        span(localMoments(sanitizeLine(reason.detail, 400), now)),
      ],
    ),
    ...fact('ROADMAP', item.line > 0 ? `line ${item.line}, ${item.status}` : 'ad-hoc item', width),
    ...fact('Depends on', item.dependsOn.join(', ') || 'nothing', width),
    ...(item.notes.length > 0 ? fact('Notes', item.notes.join('; '), width) : []),
    ...fact('Scope', scopeText(item), width),
    ...fact('Owner', item.agentType, width),
    ...fact('Effort', item.estimateHours === null ? 'unknown' : `${item.estimateHours} hours`, width),
    ...(group.length > 1 ? fact('Runs beside', group.filter(id => id !== item.id).join(', '), width) : []),
    ...(item.prompt === null ? [] : fact('Prompt', item.prompt, width)),
    line(''),
  ];
}

function scopeText({ scope }: Item): string {
  const paths = scope.paths.map(escapePath).join('  ');
  return scope.kind === 'unknown' ? 'unknown scope: runs one at a time' : `${paths} (${scope.kind})`;
}

function runLines(state: State, host: LayerHost, priorityId: string, width: number): readonly Line[] {
  const signals = host.handle.signals?.() ?? {};
  const runs = state.instances.filter(one => one.priorityId === priorityId);
  if (runs.length === 0) return [line(' Not started.', 'dim')];
  return runs
    .toReversed()
    .flatMap(one => oneRun(one, signals[one.runId] ?? null, host.trail.all().get(one.runId), host.now(), width));
}

function oneRun(
  one: Instance,
  signals: RunSignals | null,
  used: Used | undefined,
  now: number,
  width: number,
): readonly Line[] {
  const { glyph, word, tone } = statusOf(shownState(one));
  const took = one.startTime === null ? '' : `, ${duration((one.endTime ?? now) - one.startTime)}`;
  const started = one.startTime === null ? 'not started' : `started ${moment(one.startTime, now)}${took}`;
  return [
    [span(` Run ${one.slug}`.padEnd(15), 'strong'), span(`${glyph} ${word}`, tone)],
    ...(one.reason === null ? [] : fact('', localMoments(one.reason, now), width)),
    ...fact('Agent', `${one.agent}, ${started}`, width),
    ...(used === undefined || !isAlive(one.state) ? [] : fact('Processes', usageWords(used), width)),
    ...agentFacts(one, signals).flatMap(([name, value]) => fact(name, value, width)),
    ...fact('Branch', `${one.branchName} at ${one.head ?? 'no commit yet'}`, width),
    ...fact('Worktree', one.worktreePath, width),
    ...(signals?.diskBytes === undefined ? [] : fact('On disk', bytes(signals.diskBytes), width)),
    ...fact(
      'Changes',
      one.commits === 0 && one.files.length === 0
        ? 'none committed yet'
        : `${plural(one.commits, 'commit')}, ${sizeOf(one)}`,
      width,
    ),
    ...one.merge.violations.flatMap(violation =>
      fact('Violation', `${violation.message} (${escapePath(violation.path)})`, width),
    ),
    ...(one.merge.warnings ?? []).flatMap(warning =>
      fact('Warning', `${warning.message} (${escapePath(warning.path)})`, width),
    ),
    ...(one.asks?.open ?? []).flatMap(({ words }) => fact('Asks', words, width)),
    ...(one.refused?.first ?? []).flatMap(words => fact('Refused', words, width)),
    ...(one.merge.landed === null ? [] : fact('Landed', `${one.merge.landed}`, width)),
    line(''),
  ];
}

/** What is known about the agent itself: activity, session, usage, how it ended. */
function agentFacts(one: Instance, signals: RunSignals | null): readonly (readonly [string, string])[] {
  const activity = isAlive(one.state) ? (signals?.activity ?? null) : null;
  const used = usageSentence(withLiveUsage(one, signals?.usage ?? null).usage ?? noUsage);
  const end = endOf(one);
  return [
    ...(activity === null ? [] : [['Activity', activity] as const]),
    ...(one.sessionId === null ? [] : [['Session', one.sessionId] as const]),
    ...(used === null ? [] : [['Used', used] as const]),
    ...(end === '' ? [] : [['End', end] as const]),
  ];
}

/** How its process ended and why. */
function endOf({ exitCode, lost, ending, limited, result }: Instance): string {
  return [
    ...(ending === undefined ? [] : [`stopped by cm-tui: it ${ending.reason}`]),
    ...(limited === true ? ['it hit a rate limit; the work loop retries the item'] : []),
    ...(lost === null ? [] : [losses[lost]]),
    ...(exitCode === null ? [] : [`exit code ${exitCode}`]),
    ...(result === undefined ? [] : [`it reported ${result.ok ? 'success' : 'failure'}: ${result.message}`]),
  ].join('; ');
}

const losses: Readonly<Record<NonNullable<Instance['lost']>, string>> = {
  killed: 'it disappeared without an exit code: killed from outside',
  unreachable: 'nothing was heard any more of the machine it ran on',
  reboot: 'the machine rebooted during the run',
  'pid-reused': 'it disappeared without an exit code: its pid now belongs to another program',
};
