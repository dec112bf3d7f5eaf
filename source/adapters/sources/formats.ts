import type { SourceType, StatusWriter } from '../../ports/sources.ts';
import type { FileFormat } from './reading/format.ts';

/** The forms of file, in the order in which a file that somebody names is compared with them; each is loaded when it is needed. */
const loaders = {
  beads: async () => (await import('./beads.ts')).beads,
  ralph: async () => (await import('./ralph.ts')).ralph,
  'task-master': async () => (await import('./task-master.ts')).taskMaster,
  backlog: async () => (await import('./backlog.ts')).backlog,
  gsd: async () => (await import('./gsd/index.ts')).gsd,
  'spec-kit': async () => (await import('./spec-kit.ts')).specKit,
  kiro: async () => (await import('./kiro.ts')).kiro,
  openspec: async () => (await import('./openspec.ts')).openspec,
  checklist: async () => (await import('./checklist.ts')).checklist,
} as const satisfies Partial<Record<SourceType, () => Promise<FileFormat>>>;

export type FileType = keyof typeof loaders;

/** Where files of each form are looked for, relative to the repository; `*` stands for one name. */
export const filePlaces: Readonly<Record<FileType, readonly string[]>> = {
  gsd: ['.planning/ROADMAP.md'],
  'spec-kit': ['specs/*/tasks.md', '.specify/specs/*/tasks.md'],
  openspec: ['openspec/changes/*/tasks.md'],
  kiro: ['.kiro/specs/*/tasks.md'],
  backlog: ['backlog/tasks/*.md', 'backlog/completed/*.md', '.backlog/tasks/*.md', '.backlog/completed/*.md'],
  'task-master': ['.taskmaster/tasks/tasks.json', 'tasks/tasks.json'],
  ralph: ['prd.json', 'scripts/ralph/prd.json', '.ralph/prd.json', 'ralph/prd.json'],
  beads: ['.beads/issues.jsonl', '.beads/beads.jsonl'],
  // The usual names of such files; the first does not mark unfinished code.
  checklist: ['TODO.md', 'TASKS.md'],
};

export function isFileType(type: string): type is FileType {
  return Object.hasOwn(loaders, type);
}

export function loadFormat(type: FileType): Promise<FileFormat> {
  return loaders[type]();
}

/** The form that a file looks like; null: none of them. */
export async function formOf(text: string, path: string): Promise<FileFormat | null> {
  for (const type of Object.keys(loaders).filter(isFileType)) {
    const format = await loadFormat(type);
    if (format.looksLike(text, path)) return format;
  }
  return null;
}

/** Sets the status of an item in the text of a file of any of these forms. */
export const setStatusInFile: StatusWriter = async (text, place, to, beside) => {
  if (!isFileType(place.source)) return null;
  const format = await loadFormat(place.source);
  const besides = new Map<string, string | null>();
  for (const path of format.besides?.(place.path) ?? []) besides.set(path, await beside(path));
  const file = { path: place.path, text, beside: (path: string) => besides.get(path) ?? null };
  const edit = format.setStatus(file, place.name, to);
  if (edit === null) return null;
  const changed = text.slice(0, edit.start) + edit.text + text.slice(edit.end);
  return { text: changed, line: text.slice(0, edit.start).split('\n').length };
};
