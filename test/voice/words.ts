/** A word or phrase that the project does not use, and what it uses instead. */
export interface Avoided {
  readonly pattern: RegExp;
  readonly use: string;
}

/** Avoided everywhere: on the screen, in messages, help, documentation, comments and names in code. */
export const avoided: readonly Avoided[] = [
  { pattern: /\bshall\b/i, use: 'should, will' },
  { pattern: /\banew\b/i, use: 'again' },
  { pattern: /\bafresh\b/i, use: 'again' },
  { pattern: /\b(un)?mend(s|ed|ing)?\b/i, use: 'fix, repair' },
  { pattern: /\b(bears?|bearing|bore)\b/i, use: 'handle, limit reached' },
  { pattern: /\btold\b/i, use: 'reported, notified, given' },
  { pattern: /\blest\b/i, use: 'so that … not' },
  { pattern: /\bof our own\b/i, use: 'our own …' },
  { pattern: /\bbreach(es|ed)?\b/i, use: 'violation' },
  { pattern: /\bon paper\b/i, use: 'trial merge' },
  { pattern: /\b(take|takes|taken|took|moved?|moves)( \S+){0,3} back\b/i, use: 'revert' },
  { pattern: /\b(send|sends|sent|hand|hands|handed)( \S+){0,3} back\b/i, use: 'request a fix' },
  { pattern: /\bstanding\b/i, use: 'status' },
  { pattern: /(?<!circuit[ -])\bbreakers?\b/i, use: 'circuit breaker' },
  { pattern: /\brest estimate\b/i, use: 'ETA' },
  { pattern: /\blook(s|ed|ing)?( \S+)? through\b/i, use: 'review' },
  { pattern: /\b(go|goes|going|went|gone) on\b/i, use: 'resume, continue' },
  { pattern: /\btaken? for\b/i, use: 'treat as' },
  { pattern: /\b(held|hold|holds) against\b/i, use: 'compare' },
  { pattern: /\bmade by hand\b/i, use: 'ad-hoc item' },
  { pattern: /\b(your|a|new|the) yes\b(?!-or-)/i, use: 'approval, approve' },
  {
    pattern: /(?<!\b(there|it|as) )\b(is|are) no (?!longer\b|more\b|one\b|different\b|better\b)[a-z]/i,
    use: 'is not a …',
  },
];

/** Avoided in prose that a person reads; in code these are names of JSON fields, options and programming terms. */
export const avoidedInProse: readonly Avoided[] = [
  ...avoided,
  { pattern: /\bpriorit(y|ies)\b/, use: 'item' },
  // `TASK-7` is the key of an ad-hoc item.
  { pattern: /\b(?!TASK-)tasks?\b/i, use: 'item' },
  { pattern: /\binstances?\b/i, use: 'run' },
  { pattern: /\bhosts?\b/i, use: 'machine' },
  { pattern: /\b(tools?|assistants?)\b/i, use: 'agent' },
  { pattern: /\bmeets?\b/i, use: 'overlaps' },
];

/** Parts of names in code that stand for an avoided word. */
export const avoidedInNames: readonly string[] = [
  'anew',
  'breach',
  'breaches',
  'foot',
  'guide',
  'hush',
  'lest',
  'mend',
  'mended',
  'mends',
  'shall',
  'spoken',
  'standing',
  'told',
  'undisputed',
];

/** An avoided word that is right in this place. */
export interface Exception {
  /** A file or folder. */
  readonly path: string;
  /** What has to be in the text or name. */
  readonly text: RegExp;
  readonly why: string;
}

export const exceptions: readonly Exception[] = [
  { path: 'source/agents/reading/tool-words.ts', text: /^task$/, why: 'the name that agents give to this tool' },
  { path: 'source/ports/events.ts', text: /^told$/, why: 'the name of a field in journals' },
  { path: 'source/domain/settings.ts', text: /^assistant$/, why: 'the name of an agent type' },
  { path: 'source/coordinator/runs/spawning.ts', text: /^instances$/, why: 'the name of a field of the state' },
  { path: 'bench/makespan.ts', text: /random task graphs/, why: 'the term for it in scheduling' },
  {
    path: 'source/adapters/sources/',
    text: /tasks?\b|priority/i,
    why: 'the names of files, fields and programs of others',
  },
  {
    path: 'docs/sources.md',
    text: /task|Task Master|priorit/i,
    why: 'the names of files, fields and programs of others',
  },
  { path: 'README.md', text: /Task Master/, why: 'the name of another program' },
  { path: 'CHANGELOG.md', text: /Task Master/, why: 'the name of another program' },
  { path: 'README.md', text: /random task graphs/, why: 'the term for it in scheduling' },
];
