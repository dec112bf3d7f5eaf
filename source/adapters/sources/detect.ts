/** Which sources a repository has: those that the settings name or, without any there, those whose files it holds. */
import type { SourceSetting } from '../../domain/settings.ts';
import type { WorkSource } from '../../ports/sources.ts';
import { type FileType, filePlaces, isFileType, loadFormat } from './formats.ts';
import { FileSource } from './reading/file-source.ts';

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
export function fileSources(root: string, settings: readonly SourceSetting[] | null): readonly WorkSource[] {
  if (settings === null) return detected.map(type => fileSource(root, type, filePlaces[type], false));
  return settings.flatMap(setting => {
    const { type, path } = typeof setting === 'string' ? { type: setting, path: undefined } : setting;
    if (type === undefined || !isFileType(type)) return [];
    return [fileSource(root, type, path === undefined ? filePlaces[type] : [path], true)];
  });
}

function fileSource(root: string, type: FileType, patterns: readonly string[], isNamed: boolean): FileSource {
  return new FileSource({ root, type, patterns, isNamed, load: () => loadFormat(type), example: examples[type] });
}
