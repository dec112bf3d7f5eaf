import type { ProbeResult } from '../../../agents/launch/probe.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import { line, span, type Tone } from '../../../ui/presentation/line.ts';
import { createPainter } from '../../output/paint.ts';
import type { Check, CheckStatus } from './doctor-checks.ts';

const marks: Readonly<Record<CheckStatus, { readonly glyph: string; readonly tone: Tone }>> = {
  ok: { glyph: '✓', tone: 'success' },
  note: { glyph: '!', tone: 'warning' },
  missing: { glyph: '–', tone: 'dim' },
  problem: { glyph: '✗', tone: 'danger' },
};

/** A program, by what a look at it said. */
export function toolCheck(probe: ProbeResult, needed: boolean): Check {
  const { name, found, version, path, problem: wrong, install, newerThan } = probe;
  if (!found) return { name, status: needed ? 'problem' : 'missing', text: install };
  if (wrong !== null) return { name, status: needed ? 'problem' : 'note', text: wrong };
  const text = [version, path].filter(Boolean).join(', ');
  if (newerThan === null) return { name, status: 'ok', text };
  return { name, status: 'note', text: `${text}; newer than ${newerThan}, the last version that was tried` };
}

/** Every check as a line, and what follows from all of them. */
export function showChecks(checks: readonly Check[], ok: boolean): void {
  const paint = createPainter(process.stdout, 'default');
  const width = Math.max(...checks.map(({ name }) => name.length));
  const print = (text: string) => process.stdout.write(`${text}\n`);
  for (const { name, status, text } of checks) {
    const { glyph, tone } = marks[status];
    print(
      paint([
        span(`${glyph} ${status.padEnd('problem'.length)}  `, tone),
        span(`${sanitizeLine(name, 60).padEnd(width)}  `, 'strong'),
        span(sanitizeLine(text, 1000)),
      ]),
    );
  }
  print('');
  print(paint(ok ? line('Nothing prevents work.', 'success') : line('Fix what is marked as a problem.', 'danger')));
}
