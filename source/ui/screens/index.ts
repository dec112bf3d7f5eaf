import type { ScreenEvent, ScreenName } from '../../commands/action.ts';
import type { OpenLayer } from '../layer.ts';

type Loaders = Readonly<Record<ScreenName, () => Promise<OpenLayer>>> & {
  readonly confirm: (event: ScreenEvent & { readonly type: 'confirm' }) => Promise<OpenLayer>;
  readonly ask: (title: string, lines: readonly string[], onAnswer: (yes: boolean) => void) => Promise<OpenLayer>;
};

/** How each view is created. Views are loaded when they are first opened: the first frame needs none of them. */
export const loadLayer: Loaders = {
  log: async () => (await import('./log/log-layer.tsx')).openLogView,
  'all-logs': async () => (await import('./log/log-layer.tsx')).openAllLogs,
  diff: async () => (await import('./diff/diff-layer.tsx')).openDiff,
  details: async () => (await import('./details.tsx')).openDetails,
  timeline: async () => (await import('./timeline.tsx')).openTimeline,
  events: async () => (await import('./events/events-layer.tsx')).openEvents,
  help: async () => (await import('./help.tsx')).openHelp,
  review: async () => (await import('./review/review-layer.tsx')).openReview,
  clean: async () => (await import('./clean.tsx')).openClean,
  settings: async () => (await import('./settings-changes.ts')).openSettingsChanges,
  redo: async () => (await import('./question.tsx')).openRedo,
  leave: async () => (await import('./question.tsx')).openLeave,
  palette: async () => (await import('./palette.tsx')).openPalette,
  'new-item': async () => (await import('./new-item.tsx')).openNewItem,
  scopes: async () => (await import('./scopes/scope-layer.tsx')).openScopes,
  groups: async () => (await import('./groups/group-layer.tsx')).openGroups,
  'edit-item': async () => (await import('./new-item.tsx')).openEditItem,
  resume: async () => (await import('./request-fix.tsx')).openResume,
  question: async () => (await import('./talk.tsx')).openAskPage,
  race: async () => (await import('./race.ts')).openRace,
  compare: async () => (await import('./review/compare.ts')).openCompare,
  'allow-always': async () => (await import('./allow-always.ts')).openAllowAlways,
  say: async () => (await import('./talk.tsx')).openSay,
  'request-fix': async () => (await import('./request-fix.tsx')).openRequestFix,
  filter: async () => (await import('./filter.tsx')).openFilter,
  confirm: async event => (await import('./question.tsx')).confirm(event),
  ask: async (title, lines, onAnswer) => (await import('./question.tsx')).askQuestion(title, lines, onAnswer),
};
