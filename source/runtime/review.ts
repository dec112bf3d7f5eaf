import { allItems } from '../coordinator/state/planning.ts';
import type { State } from '../coordinator/state/state.ts';
import type { Instance } from '../domain/instance.ts';
import type { ReviewMaterial } from '../domain/review/material.ts';
import { sanitizeBlock } from '../domain/text/sanitize.ts';
import type { GitPort } from '../ports/git.ts';
import type { LogsPort } from '../ports/logs.ts';
import type { SourcesPort } from '../ports/sources.ts';

/** Characters of an item's text and of an agent's summary that are shown. */
const longestText = 20_000;
/** Lines of an agent's last words. */
const mostLines = 60;

/** Reads what a reviewer sees of a run beside the state and the diff. What cannot be read is null. */
export async function readReview(
  { git, sources, logs }: { readonly git: GitPort; readonly sources: SourcesPort; readonly logs: LogsPort | null },
  state: State,
  instance: Instance,
): Promise<ReviewMaterial> {
  const { priorityId, branchName, base, head } = instance;
  const item = allItems(state).find(one => one.id === priorityId);
  const [text, commits] = await Promise.all([
    item === undefined ? null : (item.prompt ?? sources.sectionText(item).catch(() => null)),
    git.branchCommits({ branchName, base, head }).catch(() => null),
  ]);
  return {
    itemText: text === null ? null : sanitizeBlock(text, longestText).trim(),
    summary: summaryOf(instance, logs),
    commits,
  };
}

/** Its last result with its line breaks, if its log is at hand; else the sentence that the journal keeps of it. */
function summaryOf({ runId, result }: Instance, logs: LogsPort | null): string | null {
  const lines = logs?.tail(runId) ?? [];
  const last = lines.findLastIndex(({ kind }) => kind === 'result');
  let first = last;
  while (first > 0 && last - first < mostLines && lines[first - 1]?.kind === 'result') first--;
  const words = lines
    .slice(Math.max(0, first), last + 1)
    .map(({ text }) => text)
    .join('\n')
    .trim();
  return words === '' ? (result?.message ?? null) : words;
}
