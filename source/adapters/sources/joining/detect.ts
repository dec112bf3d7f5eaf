/** Which sources a repository has: those that the settings name or, without any there, those whose files it holds. */
import { existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import process from 'node:process';
import type { SourceSetting } from '../../../domain/settings.ts';
import type { AskProgram, WorkSource } from '../../../ports/sources.ts';
import { type FileType, filePlaces, isFileType, loadFormat } from '../formats.ts';
import { FileSource } from '../reading/file-source.ts';

/** In this order, which is that of the items as well. Lists that only look like work are read when they are named. */
const detected: readonly FileType[] = [
  'gsd',
  'spec-kit',
  'openspec',
  'kiro',
  'backlog',
  'task-master',
  'ralph',
  'beads',
];

const commandSeconds = 10;
/** Forges count requests. */
const forgeSeconds = 60;

const examples: Readonly<Record<FileType, string>> = {
  gsd: '"- [ ] **Phase 1: Title**" under "## Phases"',
  'spec-kit': '"- [ ] T001 Title in src/a.ts"',
  openspec: '"- [ ] 1.1 Title"',
  kiro: '"- [ ] 1. Title"',
  backlog: 'front matter with id, title and status between two lines of three dashes',
  'task-master': '{"master":{"tasks":[{"id":1,"title":"Title","status":"pending"}]}}',
  ralph: '{"userStories":[{"id":"US-001","title":"Title","passes":false}]}',
  beads: 'one issue on each line: {"id":"a-1","title":"Title","status":"open"}',
  checklist: '"- [ ] Title"',
};

/** The sources of files that the settings name, in their order; null where they name none and what is detected counts. */
export function fileSources(
  root: string,
  settings: readonly SourceSetting[] | null,
  ask: AskProgram | null,
): readonly WorkSource[] {
  const make = (type: FileType, patterns: readonly string[], isNamed: boolean): FileSource =>
    new FileSource({
      root,
      type,
      patterns,
      isNamed,
      load: () => loadFormat(type),
      example: examples[type],
      ...(type === 'beads' ? { write: beadsWriter(ask) } : {}),
    });
  if (settings === null) return detected.map(type => make(type, filePlaces[type], false));
  return settings.flatMap(setting => {
    const { type, path } = typeof setting === 'string' ? { type: setting, path: undefined } : setting;
    if (type === undefined || !isFileType(type)) return [];
    return [make(type, path === undefined ? filePlaces[type] : [path], true)];
  });
}

/** Those outside the repository that the settings name. */
export async function outsideSources(
  settings: readonly SourceSetting[] | null,
  ask: AskProgram | null,
): Promise<readonly WorkSource[]> {
  if (ask === null) return [];
  const found = (settings ?? []).map(async (setting): Promise<WorkSource | null> => {
    const given = typeof setting === 'string' ? { type: setting } : setting;
    const { type, command, write = null, every } = given;
    if (command !== undefined) {
      const { commandSource } = await import('../command.ts');
      return commandSource({ command, write, everySeconds: every ?? commandSeconds, ask });
    }
    if (type !== 'github' && type !== 'gitlab') return null;
    const writing = { comment: given.comment ?? false, close: given.close ?? false, addLabel: given.addLabel ?? null };
    const options = {
      ask,
      label: given.label ?? null,
      repo: given.repo ?? null,
      everySeconds: every ?? forgeSeconds,
      writing,
    };
    return type === 'github'
      ? (await import('../github.ts')).githubSource(options)
      : (await import('../gitlab.ts')).gitlabSource(options);
  });
  return (await Promise.all(found)).filter(source => source !== null);
}

/** Its file goes with a database, so only `bd` writes it; null: `bd` is not installed. */
function beadsWriter(ask: AskProgram | null): WorkSource['writeStatus'] {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(isAbsolute);
  if (ask === null || !folders.some(folder => existsSync(join(folder, 'bd')))) return null;
  return async (item, to) => {
    const command = ['bd', to === 'complete' ? 'close' : 'reopen', item.name ?? item.id];
    return (await ask(command, {})).exitCode === 0;
  };
}
