import { canBeRejected, type Instance, isAlive, stillLanded } from '../../domain/instance.ts';
import type { Item } from '../../domain/item.ts';
import { agentNames, mostRivals } from '../../domain/race/agents.ts';
import { raceOf, rivalsOf } from '../../domain/race/race.ts';
import { findItems } from '../../domain/roadmap/resolve.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Command, CommandAnswer } from '../../ports/commands.ts';
import { cancel } from '../runs/lifecycle.ts';
import { askAboutCapacity, obstaclesToSpawn, replaceRuns, requestRuns, unsettledRuns } from '../runs/spawning.ts';
import { done, refused } from '../state/answers.ts';
import { allItems } from '../state/planning.ts';
import type { State } from '../state/state.ts';
import type { Transition } from '../transition.ts';

/** Starts runs of one item side by side, one by each of these agents, or says why not. */
export function startRace(
  transition: Transition,
  item: Item,
  agents: readonly string[],
  wanted: Extract<Command, { readonly overCapacity?: boolean }>,
): CommandAnswer {
  if (agents.length === 0 || agents.length > mostRivals)
    return refused(`Name one to ${mostRivals} agents for ${item.key}, such as "claude,codex".`);
  const given = unsettledRuns(transition.state, item.id);
  const ids = given.map(instance => instance.runId);
  const reasons = obstaclesToSpawn(transition.state, { ...item, agents }, transition.at, {
    replaced: ids,
    overCapacity: wanted.overCapacity,
  });
  if (reasons.length > 0) {
    const why = reasons.map(({ detail }) => detail).join('; ');
    return {
      ...refused(`Cannot start ${agents.length} runs of ${item.key} now: ${why}.`),
      ...askAboutCapacity(transition.state, reasons, wanted),
    };
  }
  replaceRuns(transition, given);
  const runIds = requestRuns(transition, item, agents);
  return done(
    `Started ${agents.length} runs of ${item.key} side by side: ${sanitizeLine(agentNames(agents), 300)}. At most one of them lands.`,
    runIds,
  );
}

/**
 * One of the runs of a race has landed: the others are archived. Those at work are cancelled, what has ended is rejected; branches,
 * worktrees and logs stay, and an undo of the landing makes them approvable again.
 */
export function archiveRivals(transition: Transition): void {
  for (const winner of transition.state.instances) {
    if (winner.race === undefined || !stillLanded(winner)) continue;
    const reason = `archived: ${winner.slug} by ${sanitizeLine(winner.agent, 60)} landed instead; its branch is kept`;
    for (const { runId } of rivalsOf(transition.state.instances, winner)) {
      const rival = transition.instance(runId);
      if (rival === undefined || transition.isRemoving(runId)) continue;
      if (isAlive(rival.state)) {
        if (rival.state !== 'stopping') cancel(transition, rival, reason);
      } else if (canBeRejected(rival.state) && rival.replaying === undefined) {
        transition.record({ type: 'merge-rejected', runId, priorityId: rival.priorityId, reason });
      }
    }
  }
}

/** What to say where `wanted` names an item of which several runs of a race could be meant; null: it is clear. */
export function ambiguousRival(state: State, wanted: string, counts: (instance: Instance) => boolean): string | null {
  const direct = state.instances.some(i => i.runId === wanted || i.slug === wanted || i.branchName === wanted);
  if (direct) return null;
  const ids = new Set(findItems(allItems(state), wanted).map(({ id }) => id));
  const last = state.instances.findLast(i => ids.has(i.priorityId) || i.key === wanted || i.priorityId === wanted);
  const open = last === undefined ? [] : raceOf(state.instances, last).filter(counts);
  if (last === undefined || open.length < 2) return null;
  const names = open.map(({ slug, agent }) => `${slug} (${sanitizeLine(agent, 60)})`).join(', ');
  return `${last.key} has ${open.length} runs side by side. Name one of them: ${names}.`;
}
