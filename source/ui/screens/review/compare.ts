import { raceView } from '../../../coordinator/review/race-view.ts';
import { judgeView } from '../../../coordinator/review/reading-view.ts';
import { messageOf } from '../../../domain/errors.ts';
import type { Instance } from '../../../domain/instance.ts';
import { rivalsOf } from '../../../domain/race/race.ts';
import { type Diff, parseDiff } from '../../../domain/review/parse-diff.ts';
import { escapePath, sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { LayerHost, OpenLayer } from '../../layer.ts';
import { type Line, line, span, type Tone } from '../../presentation/line.ts';
import { raceWords } from '../../presentation/race-words.ts';
import { judgeLines } from '../../presentation/review-lines.ts';
import { textWidth, truncate, wrapWords } from '../../presentation/text.ts';
import { TextPage } from '../parts/text-page.tsx';

/** The diffs of two runs of one item, file by file, beside each other. */
class ComparePage extends TextPage {
  constructor(host: LayerHost, runs: readonly [Instance, Instance], selection: NonNullable<TextPage['selection']>) {
    const diffs: [Diff | string | null, Diff | string | null] = [null, null];
    super(
      host,
      'compare',
      () => ({
        title: line(`${sanitizeLine(runs[0].key, 40)}: ${runs[0].slug} and ${runs[1].slug} side by side`, 'title'),
        lines: width => compareLines(host, runs, diffs, width),
      }),
      selection,
    );
    for (const at of [0, 1] as const) {
      const { runId, head } = runs[at];
      host.handle.diff(runId, head === null ? {} : { head }).then(
        text => {
          diffs[at] = parseDiff(text);
          host.changed();
        },
        (error: unknown) => {
          diffs[at] = messageOf(error);
          host.changed();
        },
      );
    }
  }
}

function compareLines(
  host: LayerHost,
  runs: readonly [Instance, Instance],
  diffs: readonly [Diff | string | null, Diff | string | null],
  width: number,
): readonly Line[] {
  const facts = raceView(host.handle.state(), runs[0], host.now());
  const heads = facts.flatMap(run => wrapWords(raceWords(run), width - 2).map(text => line(` ${text}`)));
  const judged = judgeLines(judgeView(host.handle.state(), runs[0]), { width, all: true });
  return [...heads, ...judged, line(''), ...sideBySide(diffs.map(readable), width)];
}

function readable(diff: Diff | string | null): Diff | string {
  return diff ?? 'Reading the diff …';
}

/** Rows of two diffs in two columns; files that both change stand beside each other. */
export function sideBySide(diffs: readonly (Diff | string)[], width: number): readonly Line[] {
  const room = Math.max(10, Math.floor((width - 3) / 2));
  const columns = diffs.map(diff => (typeof diff === 'string' ? new Map([['', [diff]]]) : filesOf(diff)));
  const [left = new Map<string, string[]>(), right = new Map<string, string[]>()] = columns;
  const paths = [...new Set([...left.keys(), ...right.keys()])].sort();
  return paths.flatMap(path => {
    const [one = noChange(path), other = noChange(path)] = [left.get(path), right.get(path)];
    const rows = Array.from({ length: Math.max(one.length, other.length) }, (_, at) =>
      pair(one[at] ?? '', other[at] ?? '', room),
    );
    return [...(path === '' ? [] : [line(` ${escapePath(path)}`, 'strong')]), ...rows, line('')];
  });
}

function noChange(path: string): readonly string[] {
  return path === '' ? [] : ['(does not change it)'];
}

/** Lines of each file from its first hunk on. */
function filesOf({ files, lines }: Diff): ReadonlyMap<string, readonly string[]> {
  return new Map(
    files.map(({ path, from, to, binary }) => {
      const rows = lines.slice(from, to);
      const first = rows.findIndex(row => row.startsWith('@@'));
      return [path, binary || first < 0 ? rows.slice(1) : rows.slice(first)];
    }),
  );
}

function pair(one: string, other: string, room: number): Line {
  const [left, right] = [one, other].map(text => truncate(sanitizeLine(text.replaceAll('\t', '    '), 2000), room));
  const gap = ' '.repeat(Math.max(0, room - textWidth(left ?? '')));
  return [span(' '), span(left ?? '', toneOf(one)), span(`${gap}│`, 'dim'), span(right ?? '', toneOf(other))];
}

function toneOf(text: string): Tone {
  if (text.startsWith('@@')) return 'hint';
  if (text.startsWith('+')) return 'added';
  return text.startsWith('-') ? 'removed' : 'plain';
}

/** The reviewed run beside the next one of its race that has a commit. */
export const openCompare: OpenLayer = (host, { instance, item, state }) => {
  const other = instance === null ? undefined : rivalsOf(state.instances, instance).find(({ head }) => head !== null);
  if (instance === null || other === undefined) throw new Error('nothing to compare with');
  return new ComparePage(host, [instance, other], { item, instance });
};
