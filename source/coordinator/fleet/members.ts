import type { CommandAnswer } from '../../ports/commands.ts';
import type { FleetCommand } from '../../ports/fleet/fleet.ts';
import { done, refused } from '../state/answers.ts';
import type { Transition } from '../transition.ts';

/** A person's word about a worker. */
export function memberCommand(transition: Transition, wanted: FleetCommand): CommandAnswer {
  const { worker } = wanted;
  const { fleet, settings, machines = [] } = transition.state;
  if (settings.fleet.engine === null) return refused('There are no other machines. Begin with "cm-tui fleet init".');
  const seen = machines.find(({ name }) => name === worker);
  if (wanted.type === 'accept-worker') {
    if (seen === undefined || seen.key !== wanted.key)
      return refused(`${worker} is not there under that key. Run "cm-tui fleet" for a list.`);
    transition.record({ type: 'worker-accepted', worker, key: wanted.key });
    transition.emit({ type: 'fleet.tell', worker, word: 'welcome' });
    return done(`${worker} is accepted and is given runs from now on.`);
  }
  if (fleet?.accepted[worker] === undefined)
    return refused(`${worker} is not one of the workers that you have accepted. Run "cm-tui fleet" for a list.`);
  if (wanted.type === 'drain-worker') {
    transition.record({ type: 'worker-drained', worker, drained: wanted.drained });
    transition.emit({ type: 'fleet.tell', worker, word: wanted.drained ? 'drain' : 'work' });
    return done(wanted.drained ? `${worker} finishes what it has and takes no more.` : `${worker} takes runs again.`);
  }
  const open = transition.state.instances.filter(one => one.remote?.worker === worker && one.endTime === null);
  if (open.length > 0)
    return refused(
      `${worker} still has ${open.map(({ key }) => key).join(', ')}. Drain it first with "cm-tui fleet drain ${worker}".`,
    );
  transition.record({ type: 'worker-forgotten', worker });
  transition.emit({ type: 'fleet.tell', worker, word: 'leave' });
  return done(`${worker} is forgotten. Accept it again to give it runs.`);
}
