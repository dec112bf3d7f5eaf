import { escapePath, sanitizeLine } from '../text/sanitize.ts';
import type { UserChange } from './changes.ts';

type ChangeOf<W extends UserChange['what']> = Extract<UserChange, { readonly what: W }>;

/** One sentence without a full stop, with the command that brings back what was there before. */
export function describeUserChange(change: UserChange): string {
  const command = commandFor(change);
  const text = textOf(change);
  return command === null ? text : `${text} (to restore: ${command})`;
}

function textOf(change: UserChange): string {
  switch (change.what) {
    case 'stash-lost':
      return stashText(change);
    case 'stash-added':
      return `the stash has a new entry "${change.message}"`;
    case 'deleted':
      return `${nameOf(change.ref)} was deleted`;
    case 'created':
      return `${nameOf(change.ref)} was ${change.pushed ? 'pushed' : 'created'}`;
    case 'moved':
      return movedText(change);
    case 'files':
      return filesText(change);
    case 'tree-removed':
      return `the worktree ${escapePath(change.path)} was removed`;
    case 'tree-switched':
      return `${escapePath(change.path)} was switched from ${shown(change.from)} to ${shown(change.to)}`;
    case 'many':
      return change.text;
  }
}

function stashText({ message, foundIn, appliedIn, ofRun }: ChangeOf<'stash-lost'>): string {
  const entry = `the stash entry "${message}"${ofRun ? ' of another run' : ''}`;
  if (foundIn.length > 0) return `${entry} is gone, and its content is on the branch of the run`;
  return appliedIn === null ? `${entry} is gone` : `${entry} was applied in ${escapePath(appliedIn)}`;
}

function movedText({ ref, from, to, move, pushed, atRun }: ChangeOf<'moved'>): string {
  const name = nameOf(ref);
  const way = `from ${short(from)} to ${short(to)}`;
  if (pushed) return `${name} was pushed ${way}${move === 'forward' ? '' : ', discarding commits'}`;
  if (atRun) return `${name} was moved ${way}, a commit of the run that nobody landed`;
  switch (move) {
    case 'forward':
      return `${name} moved ${way}`;
    case 'rewritten':
      return `${name} was rewritten ${way}`;
    case 'rewound':
      return `${name} was rewound ${way}`;
    case 'replaced':
      return `${name} was moved ${way}, which does not contain its commits`;
  }
}

/** What brings back the state from before, to be typed in the repository; null: nothing has to. */
function commandFor(change: UserChange): string | null {
  switch (change.what) {
    case 'stash-lost':
      return change.appliedIn === null ? `git stash store -m ${quoted(change.message)} ${change.oid}` : null;
    case 'deleted':
      return restoreRef(change.ref, change.oid);
    case 'created':
      return removeRef(change);
    case 'moved':
      return moveBack(change);
    case 'files':
      return restoreFiles(change);
    case 'tree-removed':
      return restoreTree(change);
    case 'tree-switched':
      return `git -C ${quoted(change.path)} switch ${switchTo(change.from)}`;
    case 'stash-added':
    case 'many':
      return null;
  }
}

function restoreRef(ref: string, to: string): string {
  if (to.startsWith('ref: ')) return `git symbolic-ref ${quoted(ref)} ${quoted(to.slice('ref: '.length))}`;
  const { kind, name } = partsOf(ref);
  if (kind === 'branch') return `git branch ${quoted(name)} ${to}`;
  if (kind === 'tag') return `git tag ${quoted(name)} ${to}`;
  return `git update-ref ${quoted(ref)} ${to}`;
}

function removeRef({ ref, pushed }: ChangeOf<'created'>): string | null {
  const { kind, name } = partsOf(ref);
  switch (kind) {
    case 'branch':
      return `git branch -D ${quoted(name)}`;
    case 'tag':
      return `git tag -d ${quoted(name)}`;
    case 'remote': {
      const { remote, branch } = remoteOf(name);
      return pushed ? `git push ${quoted(remote)} --delete ${quoted(branch)}` : null;
    }
    case 'other':
      return `git update-ref -d ${quoted(ref)}`;
  }
}

function moveBack({ ref, from, to, move, pushed, atRun, checkedOut }: ChangeOf<'moved'>): string | null {
  if (from.startsWith('ref: ')) return restoreRef(ref, from);
  const { kind, name } = partsOf(ref);
  if (kind === 'remote') {
    const { remote, branch } = remoteOf(name);
    const lease = quoted(`--force-with-lease=${branch}:${to}`);
    return pushed ? `git push ${lease} ${quoted(remote)} ${quoted(`${from}:refs/heads/${branch}`)}` : null;
  }
  if (kind === 'branch' && move === 'forward' && !atRun) return null;
  if (checkedOut !== null) return `git -C ${quoted(checkedOut)} reset --keep ${from}`;
  return `git update-ref ${quoted(ref)} ${from} ${to.startsWith('ref: ') ? '' : to}`.trimEnd();
}

function restoreTree({ path, branch, head, saved }: ChangeOf<'tree-removed'>): string | null {
  if (branch === null && head === null) return null;
  const what = branch === null ? `--detach ${quoted(path)} ${head}` : `${quoted(path)} ${quoted(branch)}`;
  const add = `git worktree add -f -f ${what}`;
  return saved === null ? add : `${add} && git -C ${quoted(path)} restore --source=${saved} -- .`;
}

function filesText({ path, lost, changed }: ChangeOf<'files'>): string {
  const place = escapePath(path);
  const some = (paths: readonly string[]) =>
    `${escapePath(paths[0] ?? '')}${paths.length > 1 ? ` (and ${paths.length - 1} more)` : ''}`;
  if (lost.length === 0) return `${some(changed)} in ${place}, which was not committed, has other content now`;
  const also = changed.length === 0 ? '' : `, and ${some(changed)} has other content now`;
  return `what you had not committed of ${some(lost)} in ${place} is gone${also}`;
}

/** Longer commands are read by nobody. */
const pathsInCommand = 12;

/** Brings back the committed content of files in a worktree; null: too many to be typed. */
export function restoreCommitted(tree: string, paths: readonly string[]): string | null {
  if (paths.length === 0 || paths.length > pathsInCommand) return null;
  return `git -C ${quoted(tree)} restore -- ${paths.map(quoted).join(' ')}`;
}

function restoreFiles({ path, saved, lost, changed }: ChangeOf<'files'>): string {
  const paths = lost.length > 0 ? lost : changed;
  const tree = `git -C ${quoted(path)}`;
  if (paths.length > pathsInCommand)
    return `${tree} restore --source=${saved} -- PATH, for each that ${tree} diff --name-only ${saved} lists`;
  return `${tree} restore --source=${saved} -- ${paths.map(quoted).join(' ')}`;
}

function switchTo(name: string): string {
  return isObjectId(name) ? `--detach ${name}` : quoted(name);
}

function isObjectId(text: string): boolean {
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

function short(text: string): string {
  return isObjectId(text) ? text.slice(0, 10) : shown(text.replace(/^ref: /, ''));
}

function shown(text: string): string {
  return isObjectId(text) ? text.slice(0, 10) : sanitizeLine(text, 120);
}

function nameOf(ref: string): string {
  const { kind, name } = partsOf(ref);
  switch (kind) {
    case 'branch':
      return `the branch ${shown(name)}`;
    case 'tag':
      return `the tag ${shown(name)}`;
    case 'remote':
      return shown(name);
    case 'other':
      return shown(ref);
  }
}

function partsOf(ref: string): { readonly kind: 'branch' | 'tag' | 'remote' | 'other'; readonly name: string } {
  const [, space = '', name = ''] = /^refs\/(heads|tags|remotes)\/(.+)$/.exec(ref) ?? [];
  switch (space) {
    case 'heads':
      return { kind: 'branch', name };
    case 'tags':
      return { kind: 'tag', name };
    case 'remotes':
      return { kind: 'remote', name };
    default:
      return { kind: 'other', name: ref };
  }
}

/** `origin/a/b`: the first part names the remote. */
function remoteOf(name: string): { readonly remote: string; readonly branch: string } {
  const slash = name.indexOf('/');
  return { remote: name.slice(0, slash), branch: name.slice(slash + 1) };
}

/** A word as a shell takes it; plain ones stay as they are. */
function quoted(word: string): string {
  const harmless = sanitizeLine(word, 1000);
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(harmless) ? harmless : `'${harmless.replaceAll("'", "'\\''")}'`;
}
