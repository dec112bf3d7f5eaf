import { itemRows } from '../../coordinator/selectors.ts';
import type { State } from '../../coordinator/state.ts';
import type { Instance } from '../../domain/instance.ts';
import type { Priority } from '../../domain/priority.ts';
import { escapePath, sanitizeLine } from '../../domain/sanitize.ts';
import type { OpenLayer } from '../layer.ts';
import { sizeOf } from '../overview/rows.ts';
import { type Line, line, span } from '../presentation/line.ts';
import { statusOf } from '../presentation/status.ts';
import { plural, wrapWords } from '../presentation/text.ts';
import { duration, localMoments, moment } from '../presentation/time.ts';
import { current, TextPage } from './text-page.tsx';

/** Everything that is known of an item: what the ROADMAP says, why it waits, what its runs did. */
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
          ...runLines(state, item?.id ?? instance?.priorityId ?? '', host.now(), width),
        ],
      };
    },
    { item: context.item, instance: context.instance },
  );

function fact(name: string, value: string, width: number): readonly Line[] {
  const rows = wrapWords(sanitizeLine(value, 4000), Math.max(10, width - 16));
  return rows.map((row, index) => [span(` ${(index === 0 ? name : '').padEnd(13)} `, 'dim'), span(row)]);
}

function itemLines(state: State, item: Priority, now: number, width: number): readonly Line[] {
  const row = itemRows(state).find(one => one.item.id === item.id);
  const standing = row?.standing ?? 'unknown';
  const { glyph, word, tone } = statusOf(standing);
  const why = state.plan.waiting.find(one => one.id === item.id)?.reasons ?? [];
  const group = state.plan.groups.find(ids => ids.includes(item.id)) ?? [];
  return [
    [span(' Now           ', 'dim'), span(`${glyph} ${word}`, tone)],
    ...why.map(
      (reason): Line => [
        span(`${' '.repeat(15)}${reason.code}: `, 'warning'),
        span(localMoments(sanitizeLine(reason.detail, 400), now)),
      ],
    ),
    ...fact('ROADMAP', item.line > 0 ? `line ${item.line}, ${item.status}` : 'not in it: made by hand', width),
    ...fact('Depends on', item.dependsOn.join(', ') || 'nothing', width),
    ...(item.notes.length > 0 ? fact('Notes', item.notes.join('; '), width) : []),
    ...fact('Scope', scopeText(item), width),
    ...fact('Owner', item.agentType, width),
    ...fact('Effort', item.estimateHours === null ? 'not known' : `${item.estimateHours} hours`, width),
    ...(group.length > 1 ? fact('Could run with', group.filter(id => id !== item.id).join(', '), width) : []),
    ...(item.prompt === null ? [] : fact('Prompt', item.prompt, width)),
    line(''),
  ];
}

function scopeText({ scope }: Priority): string {
  const paths = scope.paths.map(escapePath).join('  ');
  return scope.kind === 'unknown' ? 'unknown: it is never taken for independent' : `${paths} (${scope.kind})`;
}

function runLines(state: State, priorityId: string, now: number, width: number): readonly Line[] {
  const runs = state.instances.filter(one => one.priorityId === priorityId);
  if (runs.length === 0) return [line(' It has not been started.', 'dim')];
  return runs.toReversed().flatMap(one => oneRun(one, now, width));
}

function oneRun(one: Instance, now: number, width: number): readonly Line[] {
  const { glyph, word, tone } = statusOf(one.state);
  const took = one.startTime === null ? '' : `, ${duration((one.endTime ?? now) - one.startTime)}`;
  const started = one.startTime === null ? 'not started' : `started ${moment(one.startTime, now)}${took}`;
  return [
    [span(` Run ${one.slug}`.padEnd(15), 'strong'), span(`${glyph} ${word}`, tone)],
    ...(one.reason === null ? [] : fact('', localMoments(one.reason, now), width)),
    ...fact('Agent', `${one.agent}, ${started}`, width),
    ...fact('Branch', `${one.branchName} at ${one.head ?? 'no commit yet'}`, width),
    ...fact('Worktree', one.worktreePath, width),
    ...fact('Changes', `${plural(one.commits, 'commit')}, ${sizeOf(one)}`, width),
    ...one.merge.violations.flatMap(breach => fact('Breach', `${breach.message} (${escapePath(breach.path)})`, width)),
    ...(one.merge.landed === null ? [] : fact('Landed', `${one.merge.landed}`, width)),
    line(''),
  ];
}
