/** Tracked files that a text names by their path or their name. Pure. */

/** Files by the last component of their path, and folders: what names in texts are looked up in. */
export interface FileIndex {
  readonly files: ReadonlySet<string>;
  readonly folders: ReadonlySet<string>;
  readonly byName: ReadonlyMap<string, readonly string[]>;
}

export function indexFiles(files: readonly string[]): FileIndex {
  const byName = new Map<string, string[]>();
  const folders = new Set<string>();
  for (const file of files) {
    const name = file.slice(file.lastIndexOf('/') + 1).toLowerCase();
    const same = byName.get(name);
    if (same === undefined) byName.set(name, [file]);
    else same.push(file);
    for (let end = file.lastIndexOf('/'); end > 0; end = file.lastIndexOf('/', end - 1)) {
      const folder = file.slice(0, end);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return { files: new Set(files), folders, byName };
}

export interface Mention {
  readonly path: string;
  /** `file`: a tracked file by its path; `name`: one by its name alone; `folder`: what is below it; `new`: a path that is not there yet. */
  readonly kind: 'file' | 'name' | 'folder' | 'new';
  /** How the text spells it. */
  readonly text: string;
}

/** A name that this many files have says nothing about which of them is meant. */
const mostNamesakes = 3;

const pathLike = /(?<![\w@:])((?:\.{0,2}\/)?[\w@.*[\]{}+-]+(?:\/[\w@.*[\]{}+-]+)*\/?)/g;
const mostMentions = 60;

export function mentionsIn(text: string, index: FileIndex): readonly Mention[] {
  const found = new Map<string, Mention>();
  for (const [, raw = ''] of text.slice(0, 40_000).matchAll(pathLike)) {
    const word = raw.replace(/^\.\//, '').replace(/[.,:;]+$/, '');
    if (word.length < 3 || /^\.{0,2}\//.test(word)) continue;
    for (const mention of meantBy(word, index)) if (!found.has(mention.path)) found.set(mention.path, mention);
    if (found.size >= mostMentions) break;
  }
  return [...found.values()];
}

function meantBy(word: string, index: FileIndex): readonly Mention[] {
  const path = word.replace(/\/$/, '');
  const isPath = word.includes('/');
  if (index.files.has(path)) return [{ path, kind: 'file', text: word }];
  if (isPath && index.folders.has(path)) return [{ path, kind: 'folder', text: word }];
  if (!/\.[A-Za-z]\w{0,9}$/.test(path)) return [];
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const same = (index.byName.get(name) ?? []).filter(file => !isPath || file.endsWith(`/${path}`));
  if (same.length > mostNamesakes) return [];
  if (same.length > 0) return same.map(file => ({ path: file, kind: isPath ? 'file' : 'name', text: word }));
  const isNew = isPath && index.folders.has(path.slice(0, path.lastIndexOf('/'))) && !/[*[\]{}]/.test(path);
  return isNew ? [{ path, kind: 'new', text: word }] : [];
}
