import { upstreamSentence } from '../../../coordinator/remote/upstream.ts';
import { hookNames, hooksToRun } from '../../../domain/queue/landing-style.ts';
import { prefixSentence, rivalsOfPrefix } from '../../../domain/text/names.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import { signOnTerminal } from '../../screen/sign-on-terminal.ts';
import type { Context } from '../../session/context.ts';
import { whatBlocksLandings } from '../../session/landing-obstacles.ts';
import { readInstances } from '../../session/read-instances.ts';
import { sourcesOf } from '../../session/sources.ts';
import type { Check } from './doctor-checks.ts';

/** Whether what lands can be signed as git's configuration asks. */
export async function signingCheck({ git, settings, root }: Context): Promise<readonly Check[]> {
  const trial = await tryWithTerminal(git, root);
  const name = 'signing';
  switch (trial.outcome) {
    case 'off':
      return settings.sign === 'never' ? [{ name, status: 'note', text: 'off: the setting sign is "never"' }] : [];
    case 'signed':
      return [{ name, status: 'ok', text: 'what cm-tui commits is signed; a trial signature worked' }];
    case 'failed':
      return [{ name, status: 'problem', text: sanitizeLine(trial.message, 600) }];
  }
}

/** A signer that could not ask for a passphrase is given the terminal, where there is one. */
async function tryWithTerminal(git: Context['git'], root: string): ReturnType<Context['git']['trySignature']> {
  const trial = await git.trySignature();
  if (trial.outcome !== 'failed' || !process.stdin.isTTY || !process.stderr.isTTY) return trial;
  return (await signOnTerminal(root, process.env)) === null ? git.trySignature() : trial;
}

/** Hooks of the user's that agents' commits, or landings, do not run. */
export async function hooksCheck({ git, settings }: Context): Promise<readonly Check[]> {
  const { path, names, missingInWorktrees } = await git.findHooks();
  if (names.length === 0) return [];
  const note = (text: string): Check => ({ name: 'hooks', status: 'note', text });
  const listed = names.map(name => sanitizeLine(name, 40)).join(', ');
  const folder = sanitizeLine((path ?? '').replace(/\/+$/, ''), 200);
  const copied = settings.copy.some(one => folder === one || folder.startsWith(`${one.replace(/\/+$/, '')}/`));
  const value = JSON.stringify([...settings.copy, folder]);
  const run = hooksToRun(settings.landingHooks);
  const skipped = hookNames.filter(name => names.includes(name) && !run.includes(name));
  const found = [
    ...(missingInWorktrees && !copied
      ? [
          note(
            `${folder} (core.hooksPath: ${listed}) is not committed, so new worktrees have no hooks and the commits of agents skip them. Bring them along with: cm-tui config set copy '${value}'`,
          ),
        ]
      : []),
    ...(skipped.length === 0
      ? []
      : [
          note(
            `${skipped.join(', ')} do not run on landings. Switch them on with "cm-tui config set landingHooks true".`,
          ),
        ]),
  ];
  return found.length > 0 ? found : [{ name: 'hooks', status: 'ok', text: listed }];
}

/** A branch that leaves no room for those of runs. */
export async function prefixCheck({ git, settings }: Context): Promise<readonly Check[]> {
  const rivals = rivalsOfPrefix(settings);
  const tips = await Promise.all(rivals.map(name => git.targetTip(name)));
  const text = rivals.find((_, at) => tips[at] !== null);
  return text === undefined ? [] : [{ name: 'branches', status: 'problem', text: prefixSentence(text) }];
}

/** Where the target stands beside its remote, as of the last fetch. */
export async function upstreamCheck({ git, target }: Context): Promise<readonly Check[]> {
  const upstream = target === null ? null : await git.remote.upstream(target);
  if (upstream === null) return [];
  const sentence = upstreamSentence({ target, upstream });
  if (sentence !== null) return [{ name: 'upstream', status: 'note', text: sentence }];
  const { name, ahead } = upstream;
  return [{ name: 'upstream', status: 'ok', text: ahead === 0 ? `level with ${name}` : `${ahead} ahead of ${name}` }];
}

/** Whether the branches that finished work is to land on exist and can be moved, and what is in the way of single items. */
export async function targetsCheck(context: Context): Promise<readonly Check[]> {
  const [instances, { roadmap }] = await Promise.all([readInstances(context), sourcesOf(context).read()]);
  const { targets, items } = await whatBlocksLandings(context, instances, roadmap.items);
  return [
    ...targets.map((text): Check => ({ name: 'target', status: 'problem', text })),
    ...items.map((text): Check => ({ name: 'target', status: 'note', text })),
  ];
}
