import { AgentRegistry } from '../../agents/registry.ts';
import type { ExitCode } from '../../domain/errors.ts';
import { defaultSettings } from '../../domain/settings.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import { statusOf } from '../../ui/presentation/status.ts';
import type { GlobalOptions } from '../options.ts';
import { type Context, openContext } from '../session/context.ts';
import { readInstances } from '../session/read-instances.ts';
import { sourcesOf } from '../session/sources.ts';
import { type IdKind, idKinds } from './spec.ts';

/** An id and its description. */
type Id = readonly [id: string, description: string];

/** Only characters that no shell treats specially: an id comes from files that others may have written. */
const shellSafe = /^[A-Za-z0-9][A-Za-z0-9._/@-]{0,99}$/;
const mostIds = 500;

/**
 * `cm-tui ids KIND`, for completions: one id per line, a tab, and its description. Prints nothing if anything is wrong, because
 * somebody is typing.
 */
export async function printIds(what: string, options: GlobalOptions): Promise<ExitCode> {
  const kind = idKinds.find(one => one === what);
  if (kind === undefined) return 2;
  try {
    const found = new Map((await listIds(kind, await openContext(options))).filter(([id]) => shellSafe.test(id)));
    const lines = [...found].slice(0, mostIds).map(([id, description]) => `${id}\t${sanitizeLine(description, 60)}\n`);
    process.stdout.write(lines.join(''));
    return 0;
  } catch {
    return 3;
  }
}

async function listIds(kind: IdKind, context: Context): Promise<readonly Id[]> {
  switch (kind) {
    case 'items': {
      const { roadmap } = await sourcesOf(context, false).read();
      return roadmap.items.filter(item => item.status === 'planned').map(({ id, title }) => [id, title]);
    }
    case 'runs':
      return (await readInstances(context)).map(({ key, state, title }) => [key, `${statusOf(state).word}: ${title}`]);
    case 'agents':
      return new AgentRegistry(context.settings).names().map(name => [name, 'agent']);
    case 'settings':
      return Object.keys(defaultSettings).map(name => [name, 'setting']);
    case 'branches': {
      const { branches } = await context.git.observe(null, '');
      return Object.keys(branches ?? {}).map(name => [name, 'branch']);
    }
  }
}
