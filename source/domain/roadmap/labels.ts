/** The labels that a roadmap's sections use, in English and French. */

export type FieldKind =
  | 'status'
  | 'dependencies'
  | 'blocks'
  | 'files'
  | 'agent'
  | 'program'
  | 'agents'
  | 'after'
  | 'estimate'
  | 'landing'
  | 'target'
  | 'spec'
  | 'other';

const labels: Readonly<Record<Exclude<FieldKind, 'other'>, string>> = {
  status: 'status, current status, statut, état',
  dependencies: 'dependencies, dependency, depends on, blocked by, dépendances, dépendance, dépend de, bloqué par',
  blocks: 'blocks, bloque',
  files: 'files, scope, fichiers',
  agent: 'agent, owner',
  program: 'agent program',
  agents: 'agents, agent programs',
  after: 'agent review, reviewed by agent',
  landing: 'landing, land as, land by',
  target: 'target, target branch, lands on, branche cible',
  estimate:
    'effort, estimate, estimated, estimated effort, estimated duration, estimated time, estimated timeline, duration, time estimate, ' +
    'effort estimate, total effort, total estimate, total estimated, total estimated effort, durée, durée estimée, effort estimé, estimation',
  spec: 'spec, technical spec, specification, technical specification, strategic spec, design spec',
};

const kinds: ReadonlyMap<string, FieldKind> = new Map(
  Object.entries(labels).flatMap(([kind, names]) => names.split(', ').map(name => [name, kind as FieldKind] as const)),
);

/** What a label (as {@link plainText} gives it) stands for. */
export function kindOf(label: string): FieldKind {
  return kinds.get(label) ?? 'other';
}

/** Text of a label or sub-heading without marks, emoji and colon, in lower case. */
export function plainText(text: string): string {
  return text
    .replace(/[*_`]|\p{Extended_Pictographic}|\uFE0F|\u200D/gu, '')
    .replace(/\s*:\s*$/, '')
    .trim()
    .toLowerCase();
}
