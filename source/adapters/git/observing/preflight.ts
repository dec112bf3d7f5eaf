import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { Committer, RepositoryFacts } from '../../../ports/git.ts';
import { readRegularText } from '../../regular-file.ts';
import { gitReason, stdoutText } from '../calls/answers.ts';
import { type GitContext, readRefs } from '../context.ts';
import { hasFirstCommit } from '../plumbing/head.ts';
import { userTree } from '../plumbing/locate.ts';
import { splitNul } from '../plumbing/parse.ts';
import { branchRef } from '../plumbing/refs.ts';
import { branchOfUser } from '../plumbing/target.ts';

const oldest = [2, 38] as const;
const replacements = 'refs/replace/';

type Refs = Awaited<ReturnType<typeof readRefs>>;

/** The preflight: what the repository is, what forbids spawning in it, and what is only worth knowing. */
export async function readFacts(context: GitContext, target: string | null): Promise<RepositoryFacts> {
  const { git, place, home } = context;
  const [{ head, isBorn, refs }, version, identity, remarks] = await Promise.all([
    headAndRefs(context, target),
    git.version(home),
    committerLine(context),
    readRemarks(context),
  ]);
  const gitVersion = version.major === 0 ? 'unknown' : String(version);
  const hasTree = !place.bare || place.startedIn !== undefined;
  const currentBranch = !hasTree || !isBorn ? null : head;

  const problems: string[] = [];
  if (isOlder(version)) problems.push(`git ${gitVersion} is too old for trial merges; install git 2.38 or newer.`);
  if ('problem' in identity) {
    problems.push(
      `Git does not know who commits here (${identity.problem}); set git config user.name and git config user.email.`,
    );
  }
  if (!isBorn && hasTree) {
    problems.push('The repository has no commit yet; make the first one, then start again.');
  } else {
    problems.push(...targetProblems(context, target, refs, currentBranch));
  }
  if (!place.bare && place.mainTree === null) {
    problems.push('The main worktree of this repository cannot be found; start in it, not in a linked worktree.');
  }
  return {
    root: place.root,
    name: nameOf(context),
    ...besideOf(place),
    commonDir: place.commonDir,
    bare: place.bare,
    shallow: place.shallow,
    gitVersion,
    currentBranch,
    committer: 'problem' in identity ? null : committerIn(identity.line),
    problems,
    remarks: [...remarks, ...disguises(context, refs)],
  };
}

/** The branch that is checked out, whether it has a commit, and what is there of the target's names and of replacements. */
async function headAndRefs(
  context: GitContext,
  target: string | null,
): Promise<{ readonly head: string | null; readonly isBorn: boolean; readonly refs: Refs }> {
  const { git, place } = context;
  const folder = place.startedIn?.path ?? place.mainTree ?? place.commonDir;
  const head = await branchOfUser(context);
  const [refs, isBorn] = await Promise.all([
    readRefs(context, [
      ...(head === null ? [] : [branchRef(head)]),
      ...(target === null ? [] : refsCalled(target)),
      replacements,
    ]),
    head === null ? hasFirstCommit(git, folder) : null,
  ]);
  return { head, isBorn: isBorn ?? refs.has(branchRef(head ?? '')), refs };
}

/** Why git knows nobody to commit as; whatever else it may fail for says nothing of that. */
const noIdentity = /tell me who you are|empty ident|disallowed characters|auto-detect|passwd file/;

function committerLine({ git, home }: GitContext): Promise<{ readonly line: string } | { readonly problem: string }> {
  return git.ask({ cwd: home, args: ['var', 'GIT_COMMITTER_IDENT'] }, output => {
    const line = stdoutText(output);
    if (line !== undefined) return { line };
    return noIdentity.test(output.stderr) ? { problem: gitReason(output) } : undefined;
  });
}

/** `Name <mail> 1700000000 +0000`, as `git var` writes it. */
function committerIn(line: string): Committer | null {
  const found = /^(.*) <([^<>]*)> \d+ [+-]\d{4}$/.exec(line.trim());
  return found === null ? null : { name: found[1] ?? '', email: found[2] ?? '' };
}

function nameOf({ place }: GitContext): string {
  const name = basename(place.root).replace(/\.git$/, '');
  // `.git`, or `.bare` in a folder that holds it beside its worktrees.
  return name === '' || name.startsWith('.') ? basename(join(place.root, '..')) : name;
}

/** A submodule's worktrees would be files of its superproject, so they go beside that, or beside the one around it. */
function besideOf({ root, commonDir }: GitContext['place']): Pick<RepositoryFacts, 'beside'> {
  let outer: string | null = null;
  let gitDir = commonDir;
  for (let at = dirname(root); gitDir.includes('/modules/') && at !== dirname(at); at = dirname(at)) {
    if (!existsSync(join(at, '.git'))) continue;
    outer = at;
    gitDir = resolve(at, /^gitdir: ([\s\S]+?)\n?$/.exec(inTree(at, '.git'))?.[1] ?? '.git');
  }
  return outer === null ? {} : { beside: dirname(outer) };
}

/** The refs that a person may mean by the name of a branch. */
function refsCalled(name: string): string[] {
  return [branchRef(name), `refs/remotes/${name}`, `refs/tags/${name}`];
}

function targetProblems(context: GitContext, target: string | null, refs: Refs, current: string | null): string[] {
  if (target === null) {
    if (current !== null) return [];
    return [
      context.place.bare && context.place.startedIn === undefined
        ? 'This is a bare repository; say which branch work lands on with --target BRANCH.'
        : 'HEAD is detached; switch to a branch, or say which one work lands on with --target BRANCH.',
    ];
  }
  const ref = branchRef(target);
  const link = refs.get(ref)?.link;
  const shown = sanitizeLine(target, 120);
  if (link !== undefined && link !== null)
    return [`${shown} is a symbolic ref to ${sanitizeLine(link, 200)}, which is not a branch; name one with --target.`];
  if (link === null) return [];
  if (refs.has(`refs/remotes/${target}`)) {
    const own = sanitizeLine(target.slice(target.indexOf('/') + 1), 120);
    return [
      `${shown} is a remote-tracking branch, which nothing can land on; use --target ${own} (git branch ${own} ${shown} creates it).`,
    ];
  }
  if (refs.has(`refs/tags/${target}`)) return [`${shown} is a tag; name a branch with --target.`];
  return [`The target branch ${sanitizeLine(target, 120)} does not exist; create it, or name another with --target.`];
}

function isOlder({ major, minor }: { readonly major: number; readonly minor: number }): boolean {
  return major > 0 && (major < oldest[0] || (major === oldest[0] && minor < oldest[1]));
}

/** A file of the user's work tree; empty where there is none that can be read. */
function inTree(tree: string | null, name: string): string {
  try {
    return tree === null ? '' : (readRegularText(join(tree, name)) ?? '');
  } catch {
    return '';
  }
}

async function readRemarks(context: GitContext): Promise<string[]> {
  const { place, cutOff, submodules, refFiles } = context;
  const tree = userTree(place);
  const [modules, attributes] = [inTree(tree, '.gitmodules'), inTree(tree, '.gitattributes')];
  const usesLfs = /filter=lfs/.test(attributes);
  const patterns = join(place.startedIn?.gitDir ?? place.commonDir, 'info', 'sparse-checkout');
  // Most repositories have neither, and then git need not be asked.
  const settings = usesLfs || existsSync(patterns) ? await readConfig(context) : new Map<string, string>();
  const remarks: string[] = [];
  if (cutOff) {
    remarks.push('This is a shallow clone; if merges cannot find a common commit, run git fetch --unshallow.');
  }
  if (modules !== '' && !submodules)
    remarks.push('It has submodules; they start empty in a new worktree unless the setting submodules is true.');
  if (usesLfs) {
    const installed = settings.has('filter.lfs.process') || settings.has('filter.lfs.smudge');
    remarks.push(installed ? 'It uses Git LFS.' : 'It uses Git LFS, which is not set up here; run git lfs install.');
  }
  if (settings.get('core.sparsecheckout') === 'true') {
    remarks.push('It is a sparse checkout; new worktrees are sparse in the same way.');
  }
  if (!refFiles.isPlain) {
    remarks.push('It stores refs as reftable; some operations in progress cannot be seen there.');
  }
  return remarks;
}

/** What git is configured to, by names as git writes them. */
async function readConfig({ git, place, home }: GitContext): Promise<ReadonlyMap<string, string>> {
  const cwd = place.startedIn?.path ?? home;
  const values = new Map<string, string>();
  for (const field of splitNul(await git.text({ cwd, args: ['config', '--list', '-z'] }))) {
    const end = field.indexOf('\n');
    values.set(end < 0 ? field : field.slice(0, end), end < 0 ? 'true' : field.slice(end + 1));
  }
  return values;
}

/** What is there already that makes git show other objects or another history than it stores: what we do about it, a sentence each. */
function disguises({ place, cutOff }: GitContext, refs: Refs): readonly string[] {
  const { commonDir } = place;
  const remarks: string[] = [];
  if ([...refs.keys()].some(ref => ref.startsWith(replacements))) {
    remarks.push(
      'It has replacement objects (git replace); cm-tui does not follow them, and shows and lands what is stored.',
    );
  }
  if (existsSync(join(commonDir, 'info', 'grafts'))) {
    remarks.push('It has grafts (info/grafts); cm-tui does not follow them, and sees the parents that are stored.');
  }
  if (place.shallow && !cutOff) {
    remarks.push(
      'Its shallow file (.git/shallow) hides commits that are there; cm-tui does not follow it, and sees all history. Remove that file to see it too.',
    );
  }
  if (existsSync(join(commonDir, 'objects', 'info', 'alternates'))) {
    remarks.push(
      'It borrows objects from another repository (objects/info/alternates); what lands is copied into its own store, older commits are not.',
    );
  }
  return remarks;
}
