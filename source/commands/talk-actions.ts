import { listens } from '../domain/permission/listening.ts';
import { ruleFor, withRule } from '../domain/permission/rule.ts';
import type { OpenAsk } from '../domain/permission/run-talk.ts';
import type { Action, ActionContext, ScreenEvent } from './action.ts';
import { make, ofItem, open } from './make-action.ts';

/** No key answers a question that has only just appeared: it was meant for what was there before. */
const readMs = 500;

/** The oldest question of the selected run that nobody has answered; null: none. */
export function openAsk({ instance }: Pick<ActionContext, 'instance'>): OpenAsk | null {
  return instance?.asks?.open[0] ?? null;
}

const asksNow = (context: ActionContext): boolean => openAsk(context) !== null;

/** The selected run can be spoken with now. */
const takesMessages = ({ state, instance }: ActionContext): boolean =>
  instance !== null && instance.state === 'running' && listens(state.settings, instance.agent);

const canAnswer = (context: ActionContext): true | string => {
  const ask = openAsk(context);
  if (ask === null) return `${context.instance?.key ?? context.item?.key ?? 'This'} asks nothing now.`;
  // A page was opened to read it.
  if (context.view === 'question' || context.now === undefined || context.now - ask.since >= readMs) return true;
  return 'The question has only just appeared. Read it, then press the key again.';
};

const canTalk = (context: ActionContext): true | string => {
  if (takesMessages(context)) return true;
  const { state, instance } = context;
  if (instance === null) return 'No run is selected. Choose one that is running with j and k.';
  return instance.state === 'running' && !listens(state.settings, instance.agent)
    ? `${instance.agent} takes no messages while it works. Set agents.${instance.agent}.protocol to "acp" if it can.`
    : `${instance.key} is not at work.`;
};

/** Answers what was seen. Several open questions are read one by one: which of them is on top can change at any moment. */
function answer(context: ActionContext, allow: boolean): ScreenEvent {
  const { instance } = context;
  const ask = openAsk(context);
  if (context.view !== 'question' && (instance?.asks?.open.length ?? 0) > 1)
    return { type: 'open', screen: 'question' };
  const id = instance?.runId ?? '';
  return { type: 'send', command: { type: 'answer', id, allow, ...(ask === null ? {} : { ask: ask.ask }) } };
}

/** The rule by which the agent would not ask this again; a sentence where there is none. */
export function ruleOf(context: Pick<ActionContext, 'instance' | 'state'>): { readonly rule: string } | string {
  const { instance, state } = context;
  const ask = openAsk(context);
  if (instance === null || ask === null) return 'Nothing is asked.';
  const rule = ask.command === undefined ? null : ruleFor(ask.command);
  if (rule === null) return 'There is no rule for this. Allow it once, or deny it.';
  const permissions = state.settings.agents[instance.agent]?.permissions ?? 'edits';
  return withRule(permissions, rule) === null
    ? `agents.${instance.agent}.permissions is "${String(permissions)}", which has no rules.`
    : { rule };
}

const canAllowAlways = (context: ActionContext): true | string => {
  const may = canAnswer(context);
  if (may !== true) return may;
  const found = ruleOf(context);
  return typeof found === 'string' ? found : true;
};

function interruptQuestion({ instance }: ActionContext): ScreenEvent {
  return {
    type: 'confirm',
    title: `Interrupt ${instance?.key ?? ''}?`,
    lines: ['Ends the turn of its agent now. What it has done so far stays, and its session can be resumed.'],
    command: { type: 'interrupt', id: instance?.runId ?? '' },
  };
}

/** What can be said to an agent while it works. Their keys do something else where the selected run does not ask, or takes no messages. */
export const talkActions: readonly Action[] = [
  make('Work', 'allow', 'y', 'Allow once what the agent asks', context => answer(context, true), {
    hint: 'allow once',
    enabled: canAnswer,
    only: asksNow,
    views: ['overview', 'details', 'question'],
  }),
  make('Work', 'deny', 'n', 'Deny what the agent asks; it continues without', context => answer(context, false), {
    hint: 'deny',
    enabled: canAnswer,
    only: asksNow,
    views: ['overview', 'details', 'question'],
  }),
  open(
    'Work',
    'allow-always',
    'A',
    'Allow it always: shows the rule and where it is written, and asks',
    'allow-always',
    {
      enabled: canAllowAlways,
      only: asksNow,
      views: ['overview', 'details', 'question'],
    },
  ),
  open('Work', 'question', 'enter', 'Read all of what the agent asks, and answer', 'question', {
    enabled: context => asksNow(context) || canAnswer(context),
    only: asksNow,
    views: ['overview', 'details'],
  }),
  open('Work', 'say', 'a', 'Send a message to an agent at work', 'say', {
    enabled: canTalk,
    only: takesMessages,
    views: [...ofItem, 'question'],
  }),
  make('Work', 'interrupt', 'i', 'Interrupt the turn of an agent at work (asks first)', interruptQuestion, {
    enabled: canTalk,
    only: takesMessages,
    views: ['overview', 'log'],
  }),
];
