import { scopeTexts } from '../coordinator/scopes.ts';
import type { Message } from '../coordinator/state/messages.ts';
import type { State } from '../coordinator/state/state.ts';
import { messageOf } from '../domain/errors.ts';
import type { WrittenScopes } from '../ports/work.ts';
import type { RuntimeDeps } from './deps.ts';

type Answer = Omit<Extract<Message, { readonly type: 'scopes-written' }>, 'at' | 'entropy'>;

/** Writes the scopes that were set for these items into the ROADMAP, and posts what became of it. */
export function writeSetScopes(
  deps: RuntimeDeps,
  state: State,
  priorityIds: readonly string[],
  post: (answer: Answer) => void,
): void {
  void write(deps, state, priorityIds)
    .catch((error: unknown) => ({ written: [], problem: messageOf(error) }))
    .then(result => post({ type: 'scopes-written', priorityIds, result }));
}

async function write(
  { scopes, target }: RuntimeDeps,
  state: State,
  priorityIds: readonly string[],
): Promise<WrittenScopes> {
  const { path } = state.roadmap;
  if (scopes === undefined || target === null || path === null)
    return { written: [], problem: 'there is no ROADMAP to write to' };
  return scopes.writeScopes({ target, path, items: scopeTexts(state, priorityIds) });
}
