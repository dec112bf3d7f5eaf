/** What an agent answers when it is asked for scopes: foreign text, of which only what is sound is taken. Pure. */

/** Of one item. */
export interface AnsweredScope {
  readonly id: string;
  readonly files: readonly { readonly path: string; readonly reason: string }[];
  readonly dependsOn: readonly string[];
}

const mostFiles = 60;
const mostReason = 160;

/** The last JSON document with `items` in the text; null: there is none. Paths that lead out of the repository are left out. */
export function readAnswer(text: string, ids: ReadonlySet<string>): readonly AnsweredScope[] | null {
  for (let at = text.lastIndexOf('{'); at >= 0; at = at === 0 ? -1 : text.lastIndexOf('{', at - 1)) {
    if (!/^\{\s*"items"/.test(text.slice(at, at + 40))) continue;
    const end = text.lastIndexOf('}');
    for (let to = end; to > at; to = text.lastIndexOf('}', to - 1)) {
      const found = parse(text.slice(at, to + 1));
      if (found !== null) return found.flatMap(one => scopeOf(one, ids));
    }
  }
  return null;
}

function parse(text: string): readonly unknown[] | null {
  try {
    const { items } = JSON.parse(text) as { readonly items?: unknown };
    return Array.isArray(items) ? items : null;
  } catch {
    return null;
  }
}

function scopeOf(one: unknown, ids: ReadonlySet<string>): readonly AnsweredScope[] {
  const { id, files, dependsOn } = (typeof one === 'object' && one !== null ? one : {}) as Record<string, unknown>;
  if (typeof id !== 'string' || !ids.has(id)) return [];
  const list = Array.isArray(files) ? files.slice(0, mostFiles) : [];
  const needs = Array.isArray(dependsOn) ? dependsOn.filter(other => typeof other === 'string') : [];
  return [{ id, files: list.flatMap(fileOf), dependsOn: needs.slice(0, 20) }];
}

function fileOf(file: unknown): AnsweredScope['files'] {
  const { path, reason } = (typeof file === 'string' ? { path: file } : (file ?? {})) as Record<string, unknown>;
  if (typeof path !== 'string' || path === '' || path.length > 400) return [];
  const bare = path.replace(/^\.\//, '');
  const isOutside = /^[/~!]|^[A-Za-z]:|[\0-\x1f\\]/.test(bare) || bare.split('/').includes('..');
  // A scope of everything says nothing.
  if (isOutside || /^[*/]*$/.test(bare)) return [];
  return [{ path: bare, reason: typeof reason === 'string' ? reason.slice(0, mostReason) : '' }];
}
