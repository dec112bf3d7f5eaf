import { allItems } from '../../../coordinator/state/planning.ts';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import {
  gainSentence,
  type Proposal,
  proposedScope,
  type Suggestions,
  toSet,
} from '../../../domain/scope/suggest/proposal.ts';
import { escapePath, sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeJson, writeLine } from '../../output/output.ts';
import { askYes, canAsk } from '../../output/prompt.ts';
import { suggestScopes } from '../../scopes/suggest.ts';
import { openContext } from '../../session/context.ts';
import { readState } from '../../session/read-state.ts';
import { type Session, withSession } from '../../session/session.ts';

interface ScopeOptions extends GlobalOptions {
  readonly json?: boolean;
  readonly yes?: boolean;
}

/** Where the scope of an item was kept. */
interface Kept {
  readonly id: string;
  readonly keptIn: string;
}

const pollMs = 50;

/**
 * `cm-tui scope [ID…]`: proposes files and dependencies for items of unknown scope. Changes nothing before it was confirmed, on the terminal or by
 * `--yes`; then it sets what was shown, and nothing else.
 */
export async function scopeCommand(ids: readonly string[], options: ScopeOptions): Promise<ExitCode> {
  const context = await openContext(options);
  const { state } = await readState(context);
  const suggestions = await suggestScopes(context, state, ids);
  const set = toSet(suggestions.proposals, allItems(state));
  if (options.json !== true) show(suggestions);
  const wanted = set.map(({ priorityId, paths, dependsOn }) => ({ id: priorityId, paths, dependsOn }));
  const yes = wanted.length > 0 && (options.yes === true || (options.json !== true && (await isWanted(wanted.length))));
  const kept = yes ? await withSession(options, session => apply(session, wanted)) : [];
  if (options.json === true) writeJson(asJson(suggestions, kept));
  else for (const { id, keptIn } of kept) writeLine(`${id}: scope set in ${escapePath(keptIn)}.`);
  return 0;
}

async function isWanted(count: number): Promise<boolean> {
  if (canAsk()) return askYes(`Set the scope of ${count === 1 ? 'this item' : `these ${count} items`}?`);
  writeLine('Nothing changed. Run "cm-tui scope --yes" to set these scopes.');
  return false;
}

async function apply(
  session: Session,
  scopes: readonly { readonly id: string; readonly paths: readonly string[]; readonly dependsOn: readonly string[] }[],
): Promise<readonly Kept[]> {
  const answer = await session.send({ type: 'set-scopes', scopes });
  if (!answer.ok) throw new CmError(answer.message);
  for (;;) {
    const { scopesWriting, scopesUnwritten, roadmap } = await session.state();
    const isWriting = scopes.some(({ id }) => scopesWriting?.includes(id) === true);
    if (!isWriting) {
      return scopes.map(({ id }) => ({
        id,
        keptIn: scopesUnwritten?.includes(id) === true ? 'state' : (roadmap.path ?? 'state'),
      }));
    }
    await new Promise(resolve => setTimeout(resolve, pollMs));
  }
}

function show({ proposals, gain, notes }: Suggestions): void {
  if (proposals.length === 0) {
    writeLine('No planned item has an unknown scope.');
    return;
  }
  for (const proposal of proposals) showOne(proposal);
  writeLine('');
  writeLine(gainSentence(gain));
  for (const note of notes) writeLine(note);
}

function showOne({ id, title, sure, files, candidates, dependencies, widens, current }: Proposal): void {
  writeLine(`${id}  ${sanitizeLine(title, 100)}`);
  const shown = sure ? files : candidates;
  const width = Math.min(60, Math.max(0, ...shown.map(({ path }) => escapePath(path).length)));
  if (!sure)
    writeLine(shown.length === 0 ? '  unsure: nothing points to a file' : '  unsure, so nothing changes; perhaps:');
  for (const { path, reasons } of shown) {
    const mark = sure && current.kind !== 'unknown' && widens.includes(path) ? '+' : ' ';
    writeLine(` ${mark} ${escapePath(path).padEnd(width)}  ${sanitizeLine(reasons.join('; '), 200)}`);
  }
  for (const { id: other, reason } of dependencies) writeLine(`  after ${other}  ${sanitizeLine(reason, 200)}`);
}

function asJson({ proposals, gain, notes }: Suggestions, kept: readonly Kept[]) {
  const items = proposals.map(proposal => ({
    id: proposal.id,
    key: proposal.key,
    title: proposal.title,
    by: proposal.by,
    sure: proposal.sure,
    files: proposal.files.map(withReason),
    candidates: proposal.candidates.map(withReason),
    dependsOn: proposal.dependencies.map(({ id }) => id),
    dependencies: proposal.dependencies,
    scope: proposedScope(proposal),
    current: proposal.current,
    widens: proposal.widens,
    keptIn: kept.find(({ id }) => id === proposal.id)?.keptIn ?? null,
  }));
  return { items, gain, notes, applied: kept.length > 0 };
}

function withReason(file: Proposal['files'][number]) {
  return { ...file, reason: file.reasons.join('; ') };
}
