import type { Oid } from '../../../domain/ids.ts';
import type { ChangedFile } from '../../../domain/instance.ts';
import type { WorktreeObservation } from '../../../ports/git.ts';

/** Fields of a `-z` output. Bytes that are not UTF-8 become U+FFFD. */
export function splitNul(output: Buffer | string): string[] {
  const text = typeof output === 'string' ? output : output.toString('utf8');
  const parts = text.split('\0');
  if (parts.at(-1) === '') parts.pop();
  return parts;
}

/** An entry of `git worktree list`; the first one is always the main worktree or the bare repository. */
export interface WorktreeEntry extends Omit<WorktreeObservation, 'exists'> {
  readonly bare: boolean;
}

/** Reads `git worktree list --porcelain -z`. */
export function parseWorktrees(output: Buffer | string): WorktreeEntry[] {
  const text = typeof output === 'string' ? output : output.toString('utf8');
  return text
    .split('\0\0')
    .filter(record => record !== '')
    .map(record => {
      const fields = new Map<string, string>();
      for (const line of record.split('\0')) {
        const space = line.indexOf(' ');
        fields.set(space < 0 ? line : line.slice(0, space), space < 0 ? '' : line.slice(space + 1));
      }
      const branch = fields.get('branch');
      const head = fields.get('HEAD') ?? null;
      return {
        path: fields.get('worktree') ?? '',
        branchName: branch === undefined ? null : branch.replace(/^refs\/heads\//, ''),
        head: head !== null && /^0+$/.test(head) ? null : head,
        lockedReason: fields.get('locked') ?? null,
        prunable: fields.has('prunable'),
        bare: fields.has('bare'),
      };
    });
}

/** What `git status --porcelain=v2 -z --branch` says. */
export interface StatusReading {
  /** Null when there is no commit yet. */
  readonly oid: Oid | null;
  /** Null when detached. */
  readonly branch: string | null;
  /** Tracked paths that differ from HEAD, in the index or on disk; both names of a rename. */
  readonly tracked: readonly string[];
  /** Those of them that are only missing on disk. */
  readonly missing: readonly string[];
  /** Of them: those with a conflict that is not resolved. */
  readonly unmerged: readonly string[];
  readonly untracked: readonly string[];
  readonly ignored: readonly string[];
}

export function parseStatus(output: Buffer | string): StatusReading {
  const tracked: string[] = [];
  const untracked: string[] = [];
  const ignored: string[] = [];
  const missing: string[] = [];
  const unmerged: string[] = [];
  let oid: Oid | null = null;
  let branch: string | null = null;
  const records = splitNul(output);
  for (let at = 0; at < records.length; at++) {
    const record = records[at] ?? '';
    const rest = record.slice(2);
    switch (record[0]) {
      case '#':
        if (rest.startsWith('branch.oid ')) oid = rest.slice(11) === '(initial)' ? null : rest.slice(11);
        if (rest.startsWith('branch.head ')) branch = rest.slice(12) === '(detached)' ? null : rest.slice(12);
        break;
      case '1':
        tracked.push(after(rest, 7));
        if (rest.startsWith('.D')) missing.push(after(rest, 7));
        break;
      case '2':
        tracked.push(after(rest, 8), records[at + 1] ?? '');
        at++;
        break;
      case 'u':
        tracked.push(after(rest, 9));
        unmerged.push(after(rest, 9));
        break;
      case '?':
        untracked.push(rest);
        break;
      case '!':
        ignored.push(rest);
        break;
      default:
    }
  }
  return { oid, branch, tracked, missing, unmerged, untracked, ignored };
}

/** What follows the first `count` space-separated fields. */
function after(text: string, count: number): string {
  let at = 0;
  for (let n = 0; n < count; n++) at = text.indexOf(' ', at) + 1;
  return text.slice(at);
}

export interface RawChange {
  readonly path: string;
  readonly change: ChangedFile['change'];
  readonly oldMode: string;
  readonly newMode: string;
  readonly oldOid: Oid;
  readonly newOid: Oid;
}

/** Reads `--raw -z` without renames; returns the changes and the fields that follow them (a `--numstat` part). */
export function parseRaw(output: Buffer | string): { changes: RawChange[]; rest: string[] } {
  const fields = splitNul(output);
  const changes: RawChange[] = [];
  let at = 0;
  while (fields[at]?.startsWith(':') === true) {
    const [oldMode = '', newMode = '', oldOid = '', newOid = '', letter = ''] = (fields[at] ?? '').slice(1).split(' ');
    changes.push({ path: fields[at + 1] ?? '', change: changeOf(letter), oldMode, newMode, oldOid, newOid });
    at += 2;
  }
  return { changes, rest: fields.slice(at) };
}

function changeOf(letter: string): ChangedFile['change'] {
  switch (letter[0]) {
    case 'A':
    case 'D':
    case 'T':
    case 'R':
      return letter[0];
    default:
      return 'M';
  }
}

/** Reads `--raw --numstat -z` without renames. */
export function parseChanges(output: Buffer | string): { files: ChangedFile[]; changes: RawChange[] } {
  const { changes, rest } = parseRaw(output);
  const counts = new Map<string, readonly [string, string]>();
  for (const field of rest) {
    const [insertions = '', deletions = '', ...path] = field.split('\t');
    counts.set(path.join('\t'), [insertions, deletions]);
  }
  const files = changes.map(({ path, change, oldMode, newMode }) => {
    const [insertions = '0', deletions = '0'] = counts.get(path) ?? [];
    const binary = insertions === '-';
    return {
      path,
      change,
      oldMode,
      newMode,
      insertions: binary ? 0 : Number(insertions),
      deletions: binary ? 0 : Number(deletions),
      binary,
    };
  });
  return { files, changes };
}
