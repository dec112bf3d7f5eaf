import type { ReactNode } from 'react';
import type { ActionContext, ViewAct } from '../../commands/action.ts';
import { keyLabel } from '../../commands/key-words.ts';
import { violationsOf } from '../../coordinator/landing/queue-order.ts';
import { allItems } from '../../coordinator/state/planning.ts';
import { touches } from '../../coordinator/state/selectors.ts';
import type { State } from '../../coordinator/state/state.ts';
import { type ChangedFile, type Instance, isAlive, waitsToLand } from '../../domain/instance.ts';
import type { Violation } from '../../domain/queue/merge-entry.ts';
import { pullRequestWords } from '../../domain/queue/pull-request.ts';
import { widerScope } from '../../domain/scope/set-scopes.ts';
import { escapePath, sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Layer, LayerHost, OpenLayer } from '../layer.ts';
import { type Line, line, span, type Tone } from '../presentation/line.ts';
import { queueStatus } from '../presentation/status.ts';
import { plural, wrapWords } from '../presentation/text.ts';
import type { Size } from '../terminal/size.ts';
import { Page, pageHeight } from './parts/parts.tsx';
import { scroll } from './parts/scroll.ts';
import { current } from './parts/text-page.tsx';

/**
 * What a person reviews before a branch lands: every path, the object ids, the prediction, each violation. The approval is bound to
 * the head shown on this page, whatever happens to the branch meanwhile.
 */
class Approval implements Layer {
  readonly view = 'approval';
  readonly floating = false;
  private offset = 0;
  private accepted = false;
  private readonly head: string | null;
  /** Opened on a rejected branch, which approving undoes. */
  private readonly rejected: boolean;

  constructor(
    private readonly host: LayerHost,
    private readonly context: ActionContext,
  ) {
    this.head = context.instance?.head ?? null;
    this.rejected = context.instance?.state === 'rejected';
  }

  get selection(): NonNullable<Layer['selection']> {
    return { item: this.context.item, instance: current(this.host, this.context).instance };
  }

  /** Once the branch was rejected or its agent has resumed, there is nothing left to approve. */
  refresh(): boolean {
    const { instance } = this.selection;
    if (instance === null) return true;
    if ((instance.state === 'rejected' && !this.rejected) || isAlive(instance.state)) this.host.close(this);
    return true;
  }

  act(what: ViewAct): void {
    if (what === 'accept') this.accepted = !this.accepted;
    const { columns, rows } = this.host.size();
    const lines = this.lines(columns - 2);
    this.offset = scroll(this.offset, what, lines.length, pageHeight({ columns, rows: rows - 2 }));
    this.host.changed();
  }

  answer(answer: 'yes' | 'no'): void {
    const { instance } = this.selection;
    if (answer === 'no' || instance === null) return this.host.close(this);
    if (instance.head !== this.head) {
      this.host.close(this);
      this.host.showMessage(
        `${instance.key} has new commits since you opened this page. Press ${keyLabel('approve')} to review it again.`,
        'warning',
      );
      return;
    }
    const violations = violationsOf(this.host.handle.state(), instance);
    if (violations.length > 0 && !this.accepted) {
      this.host.showMessage(
        `${keyLabel('accept')} accept the ${violations.length === 1 ? 'violation' : 'violations'} once, then ${keyLabel('yes')} land`,
        'warning',
      );
      return;
    }
    this.host.close(this);
    this.host.send({
      type: 'approve',
      id: instance.runId,
      ...(this.head === null ? {} : { head: this.head }),
      ...(violations.length > 0 ? { accept: violations.map(one => `${one.code} ${one.path}`) } : {}),
      by: 'user',
    });
  }

  render(size: Size): ReactNode {
    const { instance } = this.selection;
    const all = this.lines(size.columns - 2);
    const height = pageHeight(size);
    const more =
      all.length > height ? line(`${Math.min(all.length, this.offset + height)} of ${all.length}`, 'dim') : [];
    const title = line(
      `Land ${sanitizeLine(instance?.key ?? '', 40)} on ${sanitizeLine(instance?.target ?? '', 80)}?`,
      'title',
    );
    return <Page size={size} title={title} note={more} lines={all.slice(this.offset, this.offset + height)} />;
  }

  private lines(width: number): readonly Line[] {
    const { instance } = this.selection;
    return instance === null ? [] : approvalLines(this.host.handle.state(), instance, this.accepted, width);
  }
}

export const openApproval: OpenLayer = (host, context) => new Approval(host, context);

/** The page as rows; pure. */
export function approvalLines(state: State, instance: Instance, accepted: boolean, width: number): readonly Line[] {
  const { glyph, word, tone } = queueStatus(instance);
  const { merge } = instance;
  return [
    ...fact('Item', `${instance.key} ${instance.title}`, width),
    ...fact('Branch', instance.branchName, width),
    ...fact('Head', instance.head ?? 'unknown', width),
    ...fact('Base', instance.base ?? 'unknown', width),
    ...fact('Target tip', state.targetTip ?? 'unknown', width),
    [span(' Prediction  ', 'dim'), span(`${glyph} ${word}`, tone)],
    ...(instance.reason === null ? [] : fact('', instance.reason, width)),
    ...(merge.checks === null ? [] : fact('Checks', `${merge.checks.outcome}: ${merge.checks.detail}`, width)),
    ...(instance.pr === undefined
      ? []
      : fact('On forge', `${pullRequestWords(instance.pr)}  ${instance.pr.url}`, width)),
    ...(instance.refused?.first ?? []).flatMap(words => fact('Refused', words, width)),
    ...merge.conflicts.map((path): Line => [span('   ✗ ', 'danger'), span(escapePath(path))]),
    ...otherLines(state, instance, width),
    ...outsideLines(instance, width),
    ...violationLines(violationsOf(state, instance), accepted),
    ...widenLines(state, instance),
    ...warningLines(merge.warnings ?? []),
    line(''),
    line(` ${plural(instance.commits, 'commit')}, ${plural(instance.files.length, 'changed file')}:`, 'strong'),
    ...instance.files.map(fileLine),
  ];
}

/** What overlaps with every other branch that is running or waiting to land. */
function otherLines(state: State, { runId }: Instance, width: number): readonly Line[] {
  if (state.radar === undefined) return [];
  const others = state.instances.filter(one => one.runId !== runId && (isAlive(one.state) || waitsToLand(one.state)));
  if (others.length === 0) return [];
  const touching = touches(state)[runId] ?? [];
  if (touching.length === 0)
    return fact('Others', `no overlap with the ${plural(others.length, 'other branch', 'other branches')}`, width);
  return touching.flatMap((text, index) => fact(index === 0 ? 'Others' : '', text, width, 'warning'));
}

/** The person reading this page may have made the change. */
function outsideLines({ outside = [] }: Instance, width: number): readonly Line[] {
  if (outside.length === 0) return [];
  return [
    ...fact('Meanwhile', 'changed outside its worktree during the run, by you or by it:', width, 'warning'),
    ...outside.slice(0, 10).flatMap(place => fact('', place, width)),
    ...(outside.length > 10 ? fact('', `and ${outside.length - 10} more`, width) : []),
  ];
}

function violationLines(found: readonly Violation[], accepted: boolean): readonly Line[] {
  if (found.length === 0) return [];
  return [
    line(''),
    line(` ! ${plural(found.length, 'violation')}: lands only if you accept`, 'warning'),
    ...found.map(findingLine),
    accepted ? line(' ✓ accepted once; v undoes that', 'success') : line('   v accept once', 'hint'),
  ];
}

/** The offer to let the item touch what its run changed outside of its scope. */
function widenLines(state: State, instance: Instance): readonly Line[] {
  const item = allItems(state).find(({ id }) => id === instance.priorityId);
  const wider = item === undefined ? null : widerScope(item, instance, state.roadmap.path);
  if (wider === null) return [];
  return [line(`   W widen the scope of ${instance.key} to these files`, 'hint')];
}

/** They are to be seen, and nothing has to be accepted. */
function warningLines(found: readonly Violation[]): readonly Line[] {
  if (found.length === 0) return [];
  const heading = line(` ! ${plural(found.length, 'warning')} (ownershipPolicy is "warn"):`, 'warning');
  return [line(''), heading, ...found.map(findingLine)];
}

function findingLine({ code, path, message }: Violation): Line {
  return [span(`   ${code.padEnd(14)} `, 'warning'), span(`${escapePath(path)}: ${sanitizeLine(message, 400)}`)];
}

function fact(name: string, value: string, width: number, tone: Tone = 'plain'): readonly Line[] {
  return wrapWords(sanitizeLine(value, 2000), Math.max(10, width - 14)).map(
    (row, index): Line => [span(` ${(index === 0 ? name : '').padEnd(11)} `, 'dim'), span(row, tone)],
  );
}

/** Kind of change, size, path; a file that is not a regular one says so. */
function fileLine(file: ChangedFile): Line {
  const counts = file.binary
    ? '  binary    '
    : `${`+${file.insertions}`.padStart(6)} ${`−${file.deletions}`.padStart(5)}`;
  const tone = file.change === 'A' ? 'success' : file.change === 'D' ? 'danger' : 'plain';
  return [
    span(`   ${file.change} `, tone),
    span(`${counts}  `, 'dim'),
    span(escapePath(file.path)),
    span(modeNote(file), 'warning'),
  ];
}

function modeNote({ oldMode, newMode }: ChangedFile): string {
  if (newMode === '120000') return '  symbolic link';
  if (newMode === '160000') return '  submodule';
  if (newMode === '100755' && oldMode !== '100755') return '  executable';
  return '';
}
