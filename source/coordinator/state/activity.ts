import type { Instance, InstanceState } from '../../domain/instance.ts';
import { pullRequestWords } from '../../domain/queue/pull-request.ts';
import { describeState } from '../../domain/state-labels.ts';
import { countOf } from '../../domain/text/count.ts';
import { escapePath, sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Activity } from '../../domain/timeline/activity.ts';
import type { CoordinatorEvent, EventOf } from '../../ports/events.ts';
import { readingNews } from '../review/reading-news.ts';
import { conflictSentence, sanitizeReason, someOf } from './sentences.ts';

type Type = CoordinatorEvent['type'];
type Level = Activity['level'];

/** What a person reads of an event; null: nothing. */
type Words = readonly [Level, string] | null;

/** What describing an event may look at. */
interface Known {
  readonly run: Instance | undefined;
}

const info = (text: string): Words => ['info', text];
const warning = (text: string): Words => ['warning', text];
const trials = {
  clean: 'merges cleanly',
  empty: 'changes nothing on the target',
  unknown: 'its trial merge is unknown',
} as const;
const silent = (): Words => null;

/** States of an ended run that nobody has to look at. */
const calm: ReadonlySet<InstanceState> = new Set<InstanceState>(['completed', 'awaiting-approval', 'queued', 'merged']);

function stateWords(state: InstanceState, reason: string | null): Words {
  return [state === 'failed' ? 'error' : calm.has(state) ? 'info' : 'warning', describeState(state, reason)];
}

/** Every type of event: one line of the activity log, or nothing for a step in between. */
const words: { readonly [T in Type]: (event: EventOf<T>, known: Known) => Words } = {
  'coordinator-started': ({ pid, target }) => info(`cm-tui started (pid ${pid}), target ${target}`),
  'coordinator-stopped': ({ reason }) => info(`cm-tui stopped: ${reason}`),
  'loop-changed': ({ mode }) => info(`Work loop turned ${mode === 'auto' ? 'on' : 'off'}`),
  'spawns-paused': ({ paused }) => info(paused ? 'New spawns paused' : 'New spawns resumed'),
  'queue-paused': ({ paused, reason }) =>
    paused ? warning(`Landing paused: ${reason ?? 'by the user'}`) : info('Landing resumed'),
  'settings-sealed': () => info('Settings files accepted as they are'),
  'item-added': ({ item }) => info(`added: ${item.title}`),
  'item-removed': () => info('removed before it started'),
  'group-chosen': ({ group }) => info(group === null ? 'Items of all groups may run' : `Only "${group}" runs now`),
  'scopes-set': ({ scopes }) => info(`Scopes set: ${someOf(scopes.map(({ priorityId }) => priorityId))}`),
  'scopes-dropped': silent,
  'item-pinned': ({ pinned }) => info(pinned ? 'pinned' : 'unpinned'),
  'instance-requested': ({ agent, branchName, reverts, stack, target }) => {
    if (reverts !== undefined) return info(`reverting on ${branchName}`);
    return info(`spawned with ${agent} on ${branchName}${stack === undefined ? '' : `, from ${target}`}`);
  },
  'instance-renamed': ({ branchName, reason }) => warning(`uses ${branchName} instead: ${reason}`),
  'worktree-created': silent,
  'setup-changed': silent,
  'instance-started': ({ process, host }) =>
    info(`agent started (pid ${process.pid}${host === undefined ? '' : ` on ${host}`})`),
  'instance-adopted': ({ process }) => info(`agent found still running (pid ${process.pid})`),
  'session-known': silent,
  'instance-resumed': ({ message, handBack }) =>
    info(`${handBack === true ? 'asked for a fix' : 'resumed'}: ${firstLine(message)}`),
  'result-reported': ({ ok, message, asks }) => [
    ok && asks !== true ? 'info' : 'warning',
    `agent ${asks === true ? 'asks' : 'reported'}: ${firstLine(message)}`,
  ],
  'permission-asked': ({ words: wanted }) => warning(`asks: ${wanted}`),
  'permission-answered': ({ allow, by }) =>
    info(`${allow ? 'allowed' : 'denied'}${by === 'person' ? '' : by === 'time' ? ' by time' : ': no longer asked'}`),
  'message-sent': ({ text }) => info(`got your message: ${firstLine(text)}`),
  'turn-interrupted': () => info('interrupted'),
  'run-dispatched': ({ pool, epoch }) =>
    info(`waits for a machine of ${pool}${epoch === 1 ? '' : ` (offer ${epoch})`}`),
  'instance-placed': ({ worker }) => info(`taken by ${worker}`),
  'run-refused': ({ worker, why }) => warning(`given back by ${worker}: ${why}`),
  'contact-lost': ({ worker }) => warning(`no contact with ${worker}`),
  'contact-back': ({ worker }) => info(`contact with ${worker} again`),
  'run-came-home': silent,
  'late-result': ({ worker }) => warning(`came back late from ${worker}; its commits are kept`),
  'worker-accepted': ({ worker }) => info(`Worker ${worker} accepted`),
  'worker-drained': ({ worker, drained }) =>
    info(drained ? `Worker ${worker} takes no more runs` : `Worker ${worker} takes runs again`),
  'worker-forgotten': ({ worker }) => info(`Worker ${worker} forgotten`),
  'command-refused': ({ words: refused }) => warning(`not permitted: ${refused}`),
  'usage-reported': silent,
  'end-requested': ({ reason }) => warning(`stopping: ${reason}`),
  'cooldown-started': ({ agent, until }) => warning(`${agent} is rate limited until ${new Date(until).toISOString()}`),
  'cancel-requested': ({ reason }) => info(`cancelling: ${reason}`),
  'instance-exited': ({ exitCode, lost }) =>
    lost === null ? info(`agent ended (exit code ${exitCode ?? 'unknown'})`) : warning(`agent lost: ${lost}`),
  'instance-judged': ({ state, reason, commits, files }) => {
    // It is ready for review once its trial merge is known.
    if (state === 'awaiting-approval') return info(`finished: ${reason ?? workOf(commits, files.length)}`);
    return stateWords(state, reason);
  },
  'outside-changed': ({ places }) =>
    places.length === 0 ? null : warning(`changed outside its worktree: ${places.join('; ')}`),
  'instance-failed': ({ reason }) => ['error', `could not start: ${reason}`],
  'merge-predicted': ({ prediction, paths }, { run }) =>
    prediction === 'conflict'
      ? warning(conflictSentence(run?.target ?? 'the target', paths))
      : run?.state === 'awaiting-approval'
        ? info(`is ready for review: ${trials[prediction]}`)
        : null,
  'comment-written': ({ comment: { path, from, text } }) =>
    info(`review comment on ${escapePath(path)}:${from}: ${firstLine(text)}`),
  'comment-removed': silent,
  'comments-sent': ({ ids }) => info(`${countOf(ids.length, 'review comment')} sent to the agent`),
  'file-viewed': silent,
  'reading-started': ({ purpose, agent }) =>
    info(purpose === 'review' ? `${agent} reviews it` : `${agent} compares the runs`),
  'reading-running': silent,
  'reading-finished': event => [event.outcome === 'done' ? 'info' : 'warning', readingNews(event)],
  'merge-approved': ({ by }) => info(by === 'policy' ? 'approved by --approve clean' : 'approved'),
  'merge-rejected': ({ reason }) => info(`rejected: ${reason}`),
  'rejection-withdrawn': () => info('rejection undone'),
  'approval-voided': ({ reason }) => warning(`needs approval again: ${reason}`),
  retargeted: ({ target }) => info(`lands on ${target} from now on`),
  'queue-jumped': () => info('moved to the top of the queue'),
  'queue-held': ({ held }) => info(held ? 'held in the queue' : 'released in the queue'),
  'queue-requeued': () => info('moved to the end of the queue'),
  'candidate-prepared': silent,
  'checks-started': ({ ahead, with: below = [] }) => {
    if (below.length > 0) return info(`checks started, together with ${below.length} other branches`);
    return info(ahead === true ? 'checks started ahead of its turn' : 'checks started');
  },
  'check-running': silent,
  'speculation-dropped': silent,
  'checks-finished': ({ result: { outcome, detail } }) =>
    outcome === 'passed'
      ? info('checks passed')
      : warning(`checks ${outcome === 'failed' ? 'failed' : 'gave no result'}: ${detail}`),
  'batch-failed': ({ runs, detail }) =>
    warning(`checks of ${runs.length} branches together failed; finding out which: ${detail}`),
  'landing-started': silent,
  landed: ({ candidate }, { run }) => info(`landed on ${run?.target ?? 'the target'} as ${candidate.slice(0, 10)}`),
  'landing-stopped': ({ state, reason }) => stateWords(state, reason),
  'undo-started': silent,
  'undo-stopped': ({ reason }) => warning(`not reverted: ${reason}`),
  'landing-undone': ({ by, commit }) =>
    info(by === 'revert' && commit !== null ? `reverted by ${commit.slice(0, 10)}` : 'reverted'),
  'replay-started': silent,
  'branch-replayed': () => info('holds only its own commits now'),
  'replay-stopped': ({ reason }) => warning(`not replayed: ${reason}`),
  'branch-pushed': ({ branch, reason }) =>
    reason === null ? info(`pushed ${branch}`) : warning(`${branch} not pushed: ${reason}`),
  'pr-opened': ({ pr }) => info(`${pullRequestWords(pr)} opened: ${pr.url}`),
  'pr-failed': ({ reason }) => warning(`no pull request: ${reason}`),
  'pr-changed': ({ pr }) => info(pullRequestWords(pr)),
  'branch-exported': ({ branchName, reason }) =>
    reason === null ? info(`exported to ${branchName}`) : warning(`not exported to ${branchName}: ${reason}`),
  'status-written': silent,
  'cleanup-started': silent,
  'instance-cleaned': ({ bytes }) => info(bytes === undefined ? 'cleaned up' : `cleaned up, ${sizeOf(bytes)} freed`),
  'run-removed': ({ discarded }) => info(discarded ? 'discarded' : 'cleaned up'),
  'run-restored': () => info('restored'),
  'instance-dismissed': ({ dismissed }) => info(dismissed ? 'dismissed' : 'brought back'),
  'cleanup-stopped': ({ reasons }) => warning(`kept: ${reasons.join('; ')}`),
  'notice-raised': ({ level, text }, { run }) => [level, withoutKey(text, run)],
};

/**
 * What the activity log says of an event: level, key and words. `instances` are the runs as they are after it; `keyOf` names items
 * without a run.
 */
export function describeEvent(
  event: CoordinatorEvent,
  {
    instances,
    adHoc,
  }: {
    readonly instances: readonly Instance[];
    readonly adHoc: readonly { readonly id: string; readonly key: string }[];
  },
): Pick<Activity, 'key' | 'level' | 'text'> {
  const run = 'runId' in event ? instances.findLast(one => one.runId === event.runId) : undefined;
  const said = describe(event, { run });
  const [level, text] = said ?? ['info', null];
  return { key: run?.key ?? itemKey(event, adHoc), level, text: text === null ? null : sanitizeReason(text) };
}

function describe<T extends Type>(event: EventOf<T>, known: Known): Words {
  const own = words[event.type as T] as (event: EventOf<T>, known: Known) => Words;
  return own(event, known);
}

function itemKey(
  event: CoordinatorEvent,
  adHoc: readonly { readonly id: string; readonly key: string }[],
): string | null {
  if ('item' in event) return event.item.key;
  if ('key' in event) return event.key;
  if (!('priorityId' in event)) return null;
  return adHoc.find(({ id }) => id === event.priorityId)?.key ?? event.priorityId;
}

function workOf(commits: number, files: number): string {
  return `${commits} ${commits === 1 ? 'commit' : 'commits'}, ${files} ${files === 1 ? 'file' : 'files'}`;
}

function firstLine(text: string): string {
  return sanitizeLine(text.trim().split('\n', 1)[0] ?? '', 200);
}

/** Notices name the run that they are about; the log has its key beside them. */
function withoutKey(text: string, run: Instance | undefined): string {
  return run !== undefined && text.startsWith(`${run.key}: `) ? text.slice(run.key.length + 2) : text;
}

/** `12 kB`, `3.4 MB`. */
function sizeOf(value: number): string {
  return value < 1000
    ? `${value} B`
    : value < 1e6
      ? `${Math.round(value / 1000)} kB`
      : `${(value / 1e6).toFixed(1)} MB`;
}
