/** Other words for actions, by which the palette and the help find them too. */
const synonyms: Readonly<Record<string, string>> = {
  spawn: 'start run launch begin',
  race: 'several agents parallel compete best of tournament',
  'commit-left': 'commit uncommitted rest save work',
  compare: 'side by side diff race versus',
  loop: 'auto automatic continuous',
  machines: 'workers fleet nodes',
  'accept-machine': 'worker fleet trust join fingerprint',
  'drain-machine': 'worker fleet cordon stop resume',
  'forget-machine': 'worker fleet remove delete',
  'new-item': 'add create prompt todo job ad-hoc',
  cancel: 'stop kill abort end remove',
  attach: 'resume continue message talk chat answer terminal',
  allow: 'answer permit yes permission question',
  'allow-always': 'permit rule permission permanently trust question',
  deny: 'answer refuse forbid no permission question',
  question: 'ask permission answer',
  say: 'message talk chat tell',
  interrupt: 'stop turn escape',
  pause: 'stop hold halt',
  pin: 'prefer favourite first important',
  open: 'enter show',
  log: 'output stdout console tail',
  'all-logs': 'output interleave combined',
  diff: 'changes patch compare',
  details: 'info describe why waiting',
  approve: 'merge land accept approve review lgtm pull request',
  'approve-all': 'merge all land accept',
  redo: 'retry again reject rebuild rerun fix decline',
  undo: 'revert rollback back out',
  replay: 'rebase cherry-pick',
  jump: 'top first next urgent bump',
  hold: 'release wait freeze',
  requeue: 'end last later postpone',
  settings: 'trust config accept changed diff',
  'resume-queue': 'continue landing unpause',
  discard: 'delete remove throw away drop restore bring back undiscard',
  dismiss: 'archive hide forget close clear',
  clean: 'cleanup remove delete worktree prune garbage',
  timeline: 'gantt chart history report speedup',
  events: 'activity history notices problems audit journal',
  'show-all': 'complete done hidden archived dismissed',
  filter: 'search find',
  'next-attention': 'attention problem todo needs me',
  refresh: 'reload reread update',
  redraw: 'repaint clear screen',
  suspend: 'background shell',
  leave: 'exit quit close bye',
  help: 'keys shortcuts bindings',
};

export function synonymsOf(id: string): string {
  return synonyms[id] ?? '';
}

/** True if the text is another word for the action, or the beginning of one. */
export function isSynonym(id: string, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  return (
    wanted.length > 2 &&
    synonymsOf(id)
      .split(' ')
      .some(word => word.startsWith(wanted))
  );
}
