import type { Action, ActionContext, ScreenEvent } from './action.ts';
import { make } from './make-action.ts';

/** The list of machines is in focus: its keys go before those of runs. */
const atMachines = ({ machine }: ActionContext): boolean => machine !== undefined;

const isChosen = ({ machine }: ActionContext): true | string =>
  machine != null || 'There is no machine yet. Run "cm-tui fleet init" for the line that workers join with.';

const canAccept = (context: ActionContext): true | string => {
  const { machine } = context;
  if (machine?.accepted === true) return `${machine.name} is accepted already.`;
  return isChosen(context);
};

const isAccepted = (context: ActionContext): true | string => {
  const { machine } = context;
  if (machine?.accepted === false) return `${machine.name} has not been accepted.`;
  return isChosen(context);
};

const canForget = (context: ActionContext): true | string => {
  const { machine } = context;
  const known = isAccepted(context);
  if (known !== true || machine == null || machine.runs.length === 0) return known;
  return `${machine.name} still has ${machine.runs.join(', ')}. Drain it first.`;
};

/** Shows the fingerprint, and asks. */
function acceptQuestion({ machine }: ActionContext): ScreenEvent {
  const { name = '', key = '', fingerprint = '' } = machine ?? {};
  return {
    type: 'confirm',
    title: `Accept ${name}?`,
    lines: [
      `Its fingerprint is ${fingerprint}`,
      'Compare it with what the worker printed when it started. From then on it is given runs: prompts and commits of this repository.',
    ],
    command: { type: 'accept-worker', worker: name, key },
  };
}

/** Lets it finish, or gives it runs again; asks. */
function drainQuestion({ machine }: ActionContext): ScreenEvent {
  const { name = '', drained = false, runs = [] } = machine ?? {};
  const has = runs.length === 0 ? 'It has no runs, so its program ends now.' : `It finishes ${runs.join(', ')} first.`;
  return {
    type: 'confirm',
    title: drained ? `Give ${name} runs again?` : `Drain ${name}?`,
    lines: drained
      ? ['It is given runs again. If its program has ended, start it there again.']
      : ['It takes no more runs, and its program ends when it has none.', has],
    command: { type: 'drain-worker', worker: name, drained: !drained },
  };
}

function forgetQuestion({ machine }: ActionContext): ScreenEvent {
  const { name = '' } = machine ?? {};
  return {
    type: 'confirm',
    title: `Forget ${name}?`,
    lines: [
      'Its key counts no more: it is given nothing, and nothing that it says is believed until you accept it again.',
    ],
    command: { type: 'forget-worker', worker: name },
  };
}

/** Goes to the list of machines. */
export const showMachines: Action = make(
  'Move',
  'machines',
  '0',
  'Go to the machines that agents run on',
  () => ({ type: 'focus', pane: 0 }),
  {
    views: ['overview'],
    enabled: ({ state }) =>
      state.settings.fleet.engine !== null || 'All agents run here. Run "cm-tui fleet init" for other machines.',
  },
);

/** Actions on the selected machine. */
export const machineActions: readonly Action[] = [
  make('Work', 'accept-machine', 'K', 'Machine: accept its key after comparing fingerprints (asks)', acceptQuestion, {
    hint: 'accept',
    only: atMachines,
    enabled: canAccept,
    views: ['overview'],
  }),
  make(
    'Work',
    'drain-machine',
    'h',
    'Machine: halt it when its runs are finished (drain), or give it runs again (asks)',
    drainQuestion,
    {
      hint: 'drain',
      only: atMachines,
      enabled: isAccepted,
      views: ['overview'],
    },
  ),
  make('Work', 'forget-machine', 'z', 'Machine: forget its key (asks)', forgetQuestion, {
    hint: 'forget',
    only: atMachines,
    enabled: canForget,
    views: ['overview'],
  }),
];
