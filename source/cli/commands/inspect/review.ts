import { reviewView } from '../../../coordinator/review/review-view.ts';
import { findInstance, unknownRun } from '../../../coordinator/runs/spawning.ts';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import { parseDiff } from '../../../domain/review/parse-diff.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import { readReview } from '../../../runtime/review.ts';
import { line } from '../../../ui/presentation/line.ts';
import { reviewLines } from '../../../ui/presentation/review-lines.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeJson } from '../../output/output.ts';
import { createPainter } from '../../output/paint.ts';
import { StreamOut } from '../../output/stream-out.ts';
import { openContext } from '../../session/context.ts';
import { readState } from '../../session/read-state.ts';
import { sourcesOf } from '../../session/sources.ts';
import { diffTone } from './diff.ts';

/** Columns of texts that are not printed on a terminal. */
const plainWidth = 100;

/** `cm-tui review ID [--json]`: what the review page shows, the diff included. Changes nothing. */
export async function reviewCommand(
  id: string,
  options: GlobalOptions & { readonly json?: boolean },
): Promise<ExitCode> {
  const context = await openContext(options);
  const { state } = await readState(context);
  const instance = findInstance(state, id);
  if (instance === undefined) throw new CmError(unknownRun(state, sanitizeLine(id, 100)));
  const { branchName, worktreePath, base, head, key } = instance;
  if (base === null) throw new CmError(`${key} has no branch yet. Nothing to review.`);
  const [text, material] = await Promise.all([
    context.git.diff({ branchName, worktreePath, base, head }),
    readReview({ git: context.git, sources: sourcesOf(context), logs: null }, state, instance),
  ]);
  const view = reviewView(state, instance, material, parseDiff(text), Date.now());
  if (options.json === true) {
    writeJson({ ...view, diff: text });
    return 0;
  }
  const out = new StreamOut(process.stdout);
  const paint = createPainter(process.stdout, context.settings.theme);
  const width = process.stdout.isTTY === true ? process.stdout.columns : plainWidth;
  const facts = reviewLines(view, { width, accepted: false, all: true });
  for (const row of [...facts, line('')]) await out.write(`${paint(row).trimEnd()}\n`);
  for (const each of text.replace(/\n$/, '').split('\n')) {
    await out.write(`${paint(line(sanitizeLine(each), diffTone(each)))}\n`);
    if (out.gone) break;
  }
  return 0;
}
