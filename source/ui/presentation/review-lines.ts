import type { ReviewedChecks } from '../../coordinator/review/checks-view.ts';
import type { ReadingView } from '../../coordinator/review/reading-view.ts';
import type { ReviewView } from '../../coordinator/review/review-view.ts';
import { commentPlace } from '../../domain/review/review.ts';
import { escapePath, sanitizeLine } from '../../domain/text/sanitize.ts';
import { type Line, line, span, type Tone } from './line.ts';
import { raceWords } from './race-words.ts';
import { plural, wrapWords } from './text.ts';
import { duration } from './time.ts';
import { usageSentence } from './usage.ts';

/** Lines of an item, of a summary and commits that are shown at first. */
const mostItemLines = 8;
const mostSummaryLines = 12;
const mostCommits = 10;
const nameWidth = 11;

export interface ReviewLinesOptions {
  readonly width: number;
  /** The violations were accepted once. */
  readonly accepted: boolean;
  /** Long texts are shown whole. */
  readonly all: boolean;
}

/** What a reviewer reads before the diff, as rows: what decides first, then how it came about, then what was asked. */
export function reviewLines(view: ReviewView, options: ReviewLinesOptions): readonly Line[] {
  const { width } = options;
  const { violations, warnings } = view;
  return [
    ...fact('Item', `${view.key} ${view.title}`, width, 'strong'),
    ...fact('Branch', `${view.branchName} at ${view.head ?? 'unknown'}`, width),
    ...fact('Onto', view.targetTip === null ? view.target : `${view.target} at ${view.targetTip}`, width),
    ...(view.stackedOn === null
      ? []
      : fact('Built on', `${view.stackedOn}, which has not landed; it lands after that`, width, 'warning')),
    ...mergeLines(view, width),
    ...checkLines(view.checks, width),
    ...reviewerLines(view, options),
    ...raceLines(view.race, width),
    ...judgeLines(view.judge, options),
    ...(view.pullRequest === null ? [] : fact('On forge', `${view.pullRequest.words}  ${view.pullRequest.url}`, width)),
    ...view.refused.flatMap(words => fact('Refused', words, width)),
    ...overlapLines(view, width),
    ...findings(violations, `${plural(violations.length, 'violation')}: lands only if you accept`),
    ...(violations.length === 0
      ? []
      : [options.accepted ? line('   ✓ accepted once; v undoes that', 'success') : line('   v accept once', 'hint')]),
    ...(view.widens ? [line(`   W widen the scope of ${view.key} to these files`, 'hint')] : []),
    ...findings(warnings, `${plural(warnings.length, 'warning')} (ownershipPolicy is "warn"):`),
    ...outsideLines(view.outside, width),
    ...fact('Run', runWords(view), width),
    ...text('Agent says', view.summary, mostSummaryLines, options),
    ...commitLines(view, options),
    ...commentLines(view, width),
    ...text('Asked for', view.itemText, mostItemLines, options),
  ];
}

function mergeLines({ prediction, conflicts, target, state, reason }: ReviewView, width: number): readonly Line[] {
  const said = reason === null ? [] : fact('', reason, width);
  switch (prediction) {
    case 'clean':
      return [...fact('Trial merge', `✓ merges cleanly with ${target}`, width, 'success'), ...said];
    case 'empty':
      return [...fact('Trial merge', `– changes nothing on ${target}`, width, 'warning'), ...said];
    case 'conflict':
      return [
        ...fact('Trial merge', `✗ conflicts with ${target}`, width, 'danger'),
        ...conflicts.map((path): Line => [span('   ✗ ', 'danger'), span(escapePath(path))]),
        ...(state === 'conflict' ? [] : said),
      ];
    case 'unknown':
      return [...fact('Trial merge', 'not known yet', width, 'warning'), ...said];
  }
}

const checkWords: Readonly<Record<ReviewedChecks['outcome'], readonly [string, Tone]>> = {
  none: ['none are set', 'dim'],
  running: ['◈ running on the trial merge', 'running'],
  'not-run': ['not run yet; they run before it lands', 'dim'],
  stale: ['to run again: the merge has changed since', 'dim'],
  passed: ['✓ passed on the trial merge', 'success'],
  failed: ['✗ failed', 'danger'],
  error: ['✗ could not be run', 'danger'],
};

function checkLines({ outcome, detail, lines }: ReviewedChecks, width: number): readonly Line[] {
  const [words, tone] = checkWords[outcome];
  const isBad = outcome === 'failed' || outcome === 'error';
  const head = fact('Checks', words, width, tone);
  if (!isBad) return head;
  const about = lines.length > 0 ? (detail ?? '').split(': ').slice(0, 2).join(': ') : detail;
  return [
    ...head,
    ...(about === null || about === '' ? [] : fact('', about, width)),
    ...lines.map((one): Line => [span(' '.repeat(nameWidth + 2)), span(sanitizeLine(one, 400), 'danger')]),
  ];
}

const reviewerTones: Readonly<Record<ReadingView['state'], Tone>> = {
  due: 'dim',
  running: 'running',
  done: 'success',
  failed: 'danger',
  stopped: 'warning',
  dropped: 'dim',
};

/** The review by another agent: what it came to, and what it says on the whole. */
function reviewerLines({ review, head }: ReviewView, options: ReviewLinesOptions): readonly Line[] {
  if (review === null) return [];
  const { agent, state, found, words } = review;
  const who = sanitizeLine(agent, 60);
  const said: Readonly<Record<ReadingView['state'], string>> = {
    due: `${who} is to review it: ${words}`,
    running: `◈ ${who} reviews it; you need not wait`,
    done: found === 0 ? `✓ ${who} has no findings` : `${who} has ${plural(found, 'finding')}`,
    failed: `✗ the review by ${who} failed: ${words}`,
    stopped: `the review by ${who} was stopped`,
    dropped: `the review by ${who} was dropped`,
  };
  const tone = state === 'done' && found > 0 ? 'warning' : reviewerTones[state];
  const old = review.head !== null && review.head !== head ? ' (of an earlier commit)' : '';
  return [
    ...fact('Review', `${said[state]}${old}`, options.width, tone),
    ...(review.changed ? fact('', 'It changed files; they were thrown away.', options.width, 'warning') : []),
    ...(state === 'done' ? text('', words, mostSummaryLines, options) : []),
  ];
}

/** What an agent says of the runs side by side. */
export function judgeLines(judge: ReadingView | null, options: Omit<ReviewLinesOptions, 'accepted'>): readonly Line[] {
  if (judge === null || judge.state === 'dropped') return [];
  const who = sanitizeLine(judge.agent, 60);
  if (judge.state === 'running') return fact('Compared', `◈ ${who} compares the runs`, options.width, 'running');
  if (judge.state !== 'done')
    return fact('Compared', `${who} gave no comparison: ${judge.words}`, options.width, 'warning');
  return [
    ...fact('Compared', `by ${who}; you decide`, options.width),
    ...text('', judge.words, mostSummaryLines, options),
  ];
}

function raceLines(race: ReviewView['race'], width: number): readonly Line[] {
  if (race.length < 2) return [];
  return [
    ...race.flatMap((run, index) =>
      fact(index === 0 ? 'Beside' : '', raceWords(run), width, run.shown ? 'strong' : 'plain'),
    ),
    line(
      `${' '.repeat(nameWidth + 2)}] shows the next, v compares; at most one lands, the others are archived`,
      'hint',
    ),
  ];
}

function overlapLines({ overlap, others }: ReviewView, width: number): readonly Line[] {
  if (overlap === null || others === 0) return [];
  if (overlap.length === 0)
    return fact('Others', `no overlap with the ${plural(others, 'other branch', 'other branches')}`, width);
  return overlap.flatMap((sentence, index) => fact(index === 0 ? 'Others' : '', sentence, width, 'warning'));
}

function findings(found: ReviewView['violations'], heading: string): readonly Line[] {
  if (found.length === 0) return [];
  return [
    line(` ! ${heading}`, 'warning'),
    ...found.map(
      ({ code, path, message }): Line => [
        span(`   ${code.padEnd(14)} `, 'warning'),
        span(`${escapePath(path)}: ${sanitizeLine(message, 400)}`),
      ],
    ),
  ];
}

/** The person reading this page may have made the change. */
function outsideLines(outside: readonly string[], width: number): readonly Line[] {
  if (outside.length === 0) return [];
  return [
    ...fact('Meanwhile', 'changed outside its worktree during the run, by you or by it:', width, 'warning'),
    ...outside.slice(0, 10).flatMap(place => fact('', place, width)),
    ...(outside.length > 10 ? fact('', `and ${outside.length - 10} more`, width) : []),
  ];
}

function runWords({ agent, durationMs, usage, files, commits }: ReviewView): string {
  const used = usageSentence(usage);
  const plus = files.reduce((sum, file) => sum + file.insertions, 0);
  const minus = files.reduce((sum, file) => sum + file.deletions, 0);
  return [
    agent,
    ...(durationMs === null ? [] : [duration(durationMs)]),
    ...(used === null ? [] : [used]),
    ...(commits === null ? [] : [plural(commits.length, 'commit')]),
    `${plural(files.length, 'file')} +${plus} −${minus}`,
  ].join(' · ');
}

function commitLines({ commits }: ReviewView, { all }: ReviewLinesOptions): readonly Line[] {
  if (commits === null) return [line(' Commits      git cannot tell', 'warning')];
  const shown = all ? commits : commits.slice(-mostCommits);
  const left = commits.length - shown.length;
  return [
    ...(left > 0 ? [line(`${' '.repeat(nameWidth + 2)}${left} earlier (o shows all)`, 'dim')] : []),
    ...shown.map(
      ({ oid, subject }, index): Line => [
        span(` ${(index === 0 ? 'Commits' : '').padEnd(nameWidth)} `, 'dim'),
        span(`${oid.slice(0, 10)} `, 'hint'),
        span(subject),
      ],
    ),
  ];
}

function commentLines({ comments }: ReviewView, width: number): readonly Line[] {
  const pending = comments.filter(({ sentAt }) => sentAt === null);
  const sent = comments.length - pending.length;
  if (comments.length === 0) return [];
  const words = [
    ...(pending.length > 0 ? [`${plural(pending.length, 'comment')} to send (b)`] : []),
    ...(sent > 0 ? [`${sent} sent`] : []),
  ].join(' · ');
  return [
    ...fact('Comments', words, width, pending.length > 0 ? 'hint' : 'plain'),
    ...pending.flatMap(comment => fact('', `${placeOf(comment)} ${oneLine(comment.text)}`, width)),
  ];
}

/** Place and, where an agent found it, whose it is. */
function placeOf(comment: ReviewView['comments'][number]): string {
  const place = commentPlace({ ...comment, path: escapePath(comment.path) });
  return comment.by === null ? place : `${place} (${sanitizeLine(comment.by, 60)})`;
}

function oneLine(words: string): string {
  return words.replaceAll(/\s+/g, ' ').slice(0, 200);
}

/** A text of several lines below its name; what is too long says how to see the rest. */
function text(
  name: string,
  words: string | null,
  most: number,
  { width, all }: Pick<ReviewLinesOptions, 'width' | 'all'>,
): readonly Line[] {
  if (words === null || words.trim() === '') return [];
  const rows = words
    .trim()
    .split('\n')
    .flatMap(row => wrapWords(sanitizeLine(row, 2000), Math.max(10, width - nameWidth - 3)));
  const shown = all || rows.length <= most + 1 ? rows : rows.slice(0, most);
  const left = rows.length - shown.length;
  return [
    ...shown.map((row, index): Line => [span(` ${(index === 0 ? name : '').padEnd(nameWidth)} `, 'dim'), span(row)]),
    ...(left > 0 ? [line(`${' '.repeat(nameWidth + 2)}${plural(left, 'more line')} (o shows all)`, 'dim')] : []),
  ];
}

function fact(name: string, value: string, width: number, tone: Tone = 'plain'): readonly Line[] {
  return wrapWords(sanitizeLine(value, 2000), Math.max(10, width - nameWidth - 3)).map(
    (row, index): Line => [span(` ${(index === 0 ? name : '').padEnd(nameWidth)} `, 'dim'), span(row, tone)],
  );
}
