import type { ExitCode } from '../../../domain/errors.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import { line, type Tone } from '../../../ui/presentation/line.ts';
import type { GlobalOptions } from '../../options.ts';
import { createPainter } from '../../output/paint.ts';
import { StreamOut } from '../../output/stream-out.ts';
import { openContext } from '../../session/context.ts';
import { findRun } from '../../session/read-instances.ts';

/** `cm-tui diff ID`: what the branch changes since the commit it started from. In a pipe it is git's own text, fit for `git apply`. */
export async function diffCommand(id: string, options: GlobalOptions): Promise<ExitCode> {
  const context = await openContext(options);
  const { branchName, worktreePath, base, head } = await findRun(context, id);
  const text = await context.git.diff({ branchName, worktreePath, base, head });
  const out = new StreamOut(process.stdout);
  if (process.stdout.isTTY !== true) {
    await out.write(text);
    return 0;
  }
  const paint = createPainter(process.stdout, context.settings.theme);
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  for (const each of lines) {
    await out.write(`${paint(line(sanitizeLine(each), diffTone(each)))}\n`);
    if (out.gone) break;
  }
  return 0;
}

/** The look of a line of a diff. */
export function diffTone(text: string): Tone {
  if (/^(?:diff --git|index |--- |\+\+\+ |new file|deleted file|old mode|new mode|similarity|rename )/.test(text))
    return 'strong';
  if (text.startsWith('@@')) return 'hint';
  if (text.startsWith('+')) return 'success';
  return text.startsWith('-') ? 'danger' : 'plain';
}
