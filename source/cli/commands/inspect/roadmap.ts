import type { ExitCode } from '../../../domain/errors.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeJson, writeLine } from '../../output/output.ts';
import { openContext } from '../../session/context.ts';
import { sourcesOf } from '../../session/sources.ts';

/** `cm-tui roadmap [--json]`: the parsed items and every problem, by line. */
export async function roadmapCommand(options: GlobalOptions & { readonly json?: boolean }): Promise<ExitCode> {
  const { roadmap: read } = await sourcesOf(await openContext(options)).read();
  if (options.json === true) {
    const items = read.items.map(({ duplicate: _, prompt: __, agentProgram: ___, ...item }) => ({
      ...item,
      source: item.source ?? null,
      group: item.group ?? null,
      parallel: item.parallel ?? null,
      priority: item.priority ?? null,
    }));
    writeJson({ items, problems: read.problems });
    return 0;
  }
  if (read.path === null) writeLine('No ROADMAP found. "cm-tui run" works without one.');
  const width = Math.max(0, ...read.items.map(item => item.id.length));
  let shown = read.path;
  for (const item of read.items) {
    // Lines are those of a file, which is named where it changes.
    const file = item.path ?? (item.source === 'roadmap' ? read.path : (item.source ?? null));
    if (file !== shown && file !== null) writeLine(`${item.source ?? ''}: ${file}`);
    shown = file;
    writeLine(`${String(item.line).padStart(6)}  ${item.id.padEnd(width)}  ${item.status.padEnd(13)}  ${item.title}`);
  }
  for (const problem of read.problems) writeLine(`${String(problem.line).padStart(6)}  ! ${problem.message}`);
  return 0;
}
