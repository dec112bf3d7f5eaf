import { CmError } from '../domain/errors.ts';
import type { Instance } from '../domain/instance.ts';
import type { Item } from '../domain/item.ts';
import { countOf } from '../domain/text/count.ts';
import type { OpenResult } from '../ports/remote/forge.ts';
import type { RuntimeDeps } from './deps.ts';

/** Characters of an item's text that the description holds. */
const mostText = 20_000;

/** Pushes the branch of a run and opens its pull request; one that is open for it already is found, so that this can be done again. */
export async function openPullRequest(
  { remote, forge, sources }: RuntimeDeps,
  instance: Instance,
  { head, item }: { readonly head: string; readonly item: Item | undefined },
): Promise<{ readonly pushed: boolean; readonly result: OpenResult }> {
  if (remote === undefined || forge === undefined) throw new CmError('This coordinator cannot open pull requests.');
  const { branchName: branch, target, key, title } = instance;
  const push = await remote.push({ target, branch, commit: head, instead: instance.pushed?.commit ?? null });
  if (push.outcome === 'failed') return { pushed: false, result: push };
  const text = item === undefined ? '' : await sources.sectionText(item).catch(() => item.prompt ?? '');
  const upstream = await remote.upstream(target).catch(() => null);
  const body = bodyOf(instance, text.slice(0, mostText));
  const result = await forge.open({ branch, target: upstream?.branch ?? target, title: `${key}: ${title}`, body });
  return { pushed: true, result };
}

/** What a reviewer on the forge reads: the item, what the agent said of its work, and what the checks here found. */
export function bodyOf(
  { key, result, files, merge }: Pick<Instance, 'key' | 'result' | 'files' | 'merge'>,
  text: string,
): string {
  const summary = result?.message.trim() ?? '';
  const checks = merge.checks?.outcome === 'passed' ? 'The checks passed on the merge.' : 'No checks ran here.';
  const changed = countOf(files.length, 'file');
  return [
    ...(text.trim() === '' ? [] : [text.trim()]),
    ...(summary === '' ? [] : [`## Summary\n\n${summary}`]),
    `## Checks\n\n${checks} ${changed} changed.`,
    `Cm-Task: ${key}`,
  ]
    .join('\n\n')
    .concat('\n');
}
