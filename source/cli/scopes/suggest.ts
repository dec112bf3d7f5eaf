/** Proposes scopes: reads the items' texts and the repository, and changes nothing. */
import { findItem } from '../../coordinator/runs/spawning.ts';
import { allItems, planInput } from '../../coordinator/state/planning.ts';
import type { State } from '../../coordinator/state/state.ts';
import { CmError, messageOf } from '../../domain/errors.ts';
import type { Oid } from '../../domain/ids.ts';
import { isAlive, stillLanded, waitsToLand } from '../../domain/instance.ts';
import type { Item } from '../../domain/item.ts';
import type { WorkText } from '../../domain/scope/guess/features.ts';
import { createGuesser, type Guess, type Guesser } from '../../domain/scope/guess/guess.ts';
import { namedNew } from '../../domain/scope/guess/reasons.ts';
import { namesIn } from '../../domain/scope/guess/words.ts';
import { type Described, proposeDependencies, withoutCircles } from '../../domain/scope/suggest/dependencies.ts';
import { gainOf, type Proposal, type Suggestions, toSet, widening } from '../../domain/scope/suggest/proposal.ts';
import { requireProgram } from '../session/agent-check.ts';
import type { Context } from '../session/context.ts';
import { sourcesOf } from '../session/sources.ts';
import type { AnsweredScope } from './agent-answer.ts';
import { askAgent } from './ask-agent.ts';

/** Commits that the guess reads. */
const historyLimit = 2000;
/** Items that are looked at in one go, and names of theirs that are searched for. */
const mostItems = 500;
const mostNames = 400;

/** For these items (by id, key or alias), else for every planned one of unknown scope that nothing has been done about. */
export async function suggestScopes(context: Context, state: State, ids: readonly string[]): Promise<Suggestions> {
  const chosen = ids.length > 0 ? named(state, ids) : ofUnknownScope(state);
  const items = chosen.slice(0, mostItems);
  const notes =
    items.length < chosen.length
      ? [`Only the first ${mostItems} of ${chosen.length} items are shown. Name others.`]
      : [];
  if (items.length === 0) return { proposals: [], gain: gainOf(planInput(state, Date.now()), []), notes };
  const texts = await textsOf(context, items);
  const commit = await commitOf(context, state);
  const [{ guesses, guesser }, answer] = await Promise.all([
    guessAll(context, state, commit, texts),
    isInstalled(context) ? askAgent(context, commit, items, texts) : null,
  ]);
  if (answer?.problem != null) notes.push(answer.problem);
  const described = items.map((item, place): Described => {
    const { title, body } = texts[place] ?? { title: item.title, body: '' };
    const guess = guesses[place];
    const created = [...(guess?.files ?? []), ...(guess?.candidates ?? [])].filter(file => isNew(file.reasons));
    return { item, text: `${title}\n${body}`, created };
  });
  const dependencies = proposeDependencies(described, allItems(state));
  const found = items.map((item, place) => {
    const guessed = proposalOf(item, guesses[place], dependencies.get(item.id) ?? []);
    const answered = answer?.scopes.get(item.id);
    return answered === undefined || answer === null
      ? guessed
      : answeredProposal(guessed, answered, answer.agent, state);
  });
  const proposals = withoutCircles(found, allItems(state));
  notes.push(...trustNotes(guesser, proposals));
  const gain = gainOf(planInput(state, Date.now()), toSet(proposals, allItems(state)));
  return { proposals, gain, notes };
}

function isNew(reasons: readonly string[]): boolean {
  return reasons.includes(namedNew);
}

function proposalOf(item: Item, guess: Guess | undefined, dependencies: Proposal['dependencies']): Proposal {
  const { id, key, title, scope } = item;
  const { sure, files, candidates } = guess ?? { sure: false, files: [], candidates: [] };
  return {
    id,
    key,
    title,
    by: 'guess',
    sure,
    files,
    candidates,
    dependencies,
    current: scope,
    widens: widening(scope, files),
  };
}

function named(state: State, ids: readonly string[]): readonly Item[] {
  const items = ids.map(id => {
    const found = findItem(state, id);
    if ('problem' in found) throw new CmError(found.problem, 2);
    return found.item;
  });
  return [...new Set(items)];
}

function ofUnknownScope(state: State): readonly Item[] {
  const taken = new Set(
    state.instances
      .filter(one => isAlive(one.state) || waitsToLand(one.state) || stillLanded(one))
      .map(({ priorityId }) => priorityId),
  );
  return allItems(state).filter(
    item => item.status === 'planned' && item.scope.kind === 'unknown' && !item.duplicate && !taken.has(item.id),
  );
}

/** Title and section of each item; one whose section cannot be read has its title alone. */
async function textsOf(context: Context, items: readonly Item[]): Promise<readonly WorkText[]> {
  const sources = sourcesOf(context);
  await sources.read();
  return Promise.all(
    items.map(async item => {
      const section = await sources.sectionText(item).catch(() => '');
      const body = item.line === 0 ? section : section.slice(section.indexOf('\n') + 1);
      return { title: item.title, body };
    }),
  );
}

async function commitOf({ git, target }: Context, state: State): Promise<Oid> {
  const commit = state.targetTip ?? (target === null ? null : await git.targetTip(target));
  if (commit === null) throw new CmError('There is no commit to look at. Make a first commit, then try again.', 3);
  return commit;
}

function isInstalled({ settings }: Context): boolean {
  try {
    requireProgram(settings);
    return true;
  } catch {
    return false;
  }
}

/** What an agent proposes, in place of the guess; of dependencies only those that exist and close no circle. */
function answeredProposal(
  guessed: Proposal,
  { files, dependsOn }: AnsweredScope,
  agent: string,
  state: State,
): Proposal {
  const proposed = files.map(({ path, reason }) => ({
    path,
    reasons: [reason || `${agent} says so`],
    likelihood: null,
  }));
  const items = allItems(state);
  const needs = dependsOn.filter(id => {
    const other = items.find(one => one.id === id);
    return other !== undefined && !other.duplicate && id !== guessed.id && !other.dependsOn.includes(guessed.id);
  });
  const known = new Set(items.find(({ id }) => id === guessed.id)?.dependsOn);
  return {
    ...guessed,
    by: agent,
    sure: proposed.length > 0,
    files: proposed,
    candidates: proposed.length > 0 ? [] : guessed.candidates,
    dependencies: needs.filter(id => !known.has(id)).map(id => ({ id, reason: `${agent} says so` })),
    widens: widening(guessed.current, proposed),
  };
}

async function guessAll(context: Context, state: State, commit: Oid, texts: readonly WorkText[]) {
  const { git } = context;
  try {
    const names = texts.map(({ title, body }) => namesIn(`${title}\n${body}`));
    const wanted = [...new Set(names.flat())].slice(0, mostNames);
    const [files, history, uses] = await Promise.all([
      git.trackedFiles(commit),
      git.pastChanges(commit, historyLimit),
      git.usesOf(commit, wanted),
    ]);
    const byName = new Map(uses.map(use => [use.name, use]));
    // What the coordinator alone writes to is nobody's work.
    const own = new Set([state.roadmap.path, ...allItems(state).map(({ path }) => path)]);
    const guesser = createGuesser(
      files.filter(file => !own.has(file)),
      history,
    );
    const guesses = texts.map((text, place) =>
      guesser.guess(
        text,
        (names[place] ?? []).flatMap(name => byName.get(name) ?? []),
      ),
    );
    return { guesses, guesser };
  } catch (error) {
    throw new CmError(`The repository could not be searched: ${messageOf(error)}`, 3, { cause: error });
  }
}

/** How far the guess can be trusted here, from the repository's own history. */
function trustNotes({ learned: { score } }: Guesser, proposals: readonly Proposal[]): readonly string[] {
  const notes: string[] = [];
  const unsure = proposals.filter(({ sure }) => !sure).length;
  if (unsure > 0)
    notes.push(
      `${unsure} of ${proposals.length} ${unsure === 1 ? 'stays' : 'stay'} as ${unsure === 1 ? 'it is' : 'they are'}: the guess is not sure. Name files in the item, or edit the proposal.`,
    );
  notes.push(
    score === null
      ? 'The history is too short to test the guess on.'
      : `Tested on the last ${score.all} commits here: sure of ${score.sure}, ${score.wrong} of ${score.independent} pairs wrongly called independent.`,
  );
  return notes;
}
