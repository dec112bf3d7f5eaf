/** Searches commits for what pieces of work are about: tracked files, names in them, earlier changes. */
import type { Oid } from '../../../domain/ids.ts';
import type { NameUse } from '../../../domain/scope/guess/features.ts';
import type { PastChange } from '../../../domain/scope/guess/history.ts';
import type { SearchPort } from '../../../ports/work.ts';
import { type GitOutput, stdoutText } from '../calls/answers.ts';
import type { GitContext } from '../context.ts';
import { assertOid } from '../plumbing/refs.ts';

/** Beyond this a look costs more than it tells. */
const mostBytes = 64 * 1024 * 1024;
const mostTracked = 200_000;
/** Lines of one file that are looked at. */
const linesPerFile = 30;

export function createSearch(context: GitContext): SearchPort {
  return {
    trackedFiles: commit => trackedFiles(context, commit),
    pastChanges: (commit, limit) => pastChanges(context, commit, limit),
    usesOf: (commit, names) => usesOf(context, commit, names),
  };
}

async function trackedFiles(context: GitContext, commit: Oid): Promise<readonly string[]> {
  const args = ['ls-tree', '-r', '-z', '--name-only', '--full-tree', assertOid(commit)];
  const output = await context.git.ask({ cwd: context.home, args, maxBytes: mostBytes }, textSoFar);
  return output
    .split('\0')
    .filter(path => path !== '')
    .slice(0, mostTracked);
}

async function pastChanges(context: GitContext, commit: Oid, limit: number): Promise<readonly PastChange[]> {
  const format = '--format=%x01%B%x02';
  const args = [
    'log',
    '--no-merges',
    '--no-renames',
    '--name-only',
    '-z',
    format,
    `--max-count=${limit}`,
    assertOid(commit),
    '--',
  ];
  const text = await context.git.ask({ cwd: context.home, args, maxBytes: mostBytes }, textSoFar);
  return text
    .split('\x01')
    .slice(1)
    .map(record => {
      const end = record.indexOf('\x02');
      const files = record
        .slice(end + 1)
        .split('\0')
        .map(path => path.replace(/^\n+/, ''));
      return { text: record.slice(0, end).trim(), files: files.filter(path => path !== '') };
    });
}

async function usesOf(context: GitContext, commit: Oid, names: readonly string[]): Promise<readonly NameUse[]> {
  if (names.length === 0) return [];
  const patterns = names.flatMap(name => ['-e', name]);
  const options = ['-I', '-w', '-F', '-z', '--no-color', `--max-count=${linesPerFile}`, '--full-name'];
  const args = ['grep', ...options, ...patterns, assertOid(commit), '--'];
  // 1: nothing was found.
  const text = await context.git.ask({ cwd: context.home, args, maxBytes: mostBytes }, read =>
    read.code === 1 && read.stderr === '' ? '' : textSoFar(read),
  );
  const found = new Map(names.map(name => [name, { files: new Set<string>(), defined: new Set<string>() }]));
  const tests = names.map(name => ({ name, holds: wholeWord(name), defines: definitionOf(name) }));
  for (const line of text.split('\n')) {
    const end = line.indexOf('\0');
    if (end < 0) continue;
    const path = line.slice(commit.length + 1, end);
    const code = line.slice(end + 1, end + 400);
    for (const { name, holds, defines } of tests) {
      if (!holds.test(code)) continue;
      found.get(name)?.files.add(path);
      if (defines.test(code)) found.get(name)?.defined.add(path);
    }
  }
  return names.map(name => {
    const { files, defined } = found.get(name) ?? { files: [], defined: [] };
    return { name, files: [...files], defined: [...defined] };
  });
}

/** Of a repository that is too large the first part counts: a guess needs no more. */
function textSoFar(output: GitOutput): string | undefined {
  return output.truncated ? output.stdout.toString('utf8') : stdoutText(output);
}

function wholeWord(name: string): RegExp {
  return new RegExp(`(?<![\\w])${escaped(name)}(?![\\w])`);
}

/** A line that looks like the place where the name is defined, in any of the common languages. */
function definitionOf(name: string): RegExp {
  const bare = escaped(name.replace(/^-+/, ''));
  const words =
    'function|class|def|func|fn|type|interface|const|let|var|val|struct|enum|trait|module|export|sub|proc|macro_rules!';
  return new RegExp(
    `^\\W*(?:[\\w@]+\\s+)*(?:${words})\\b[^=;]{0,60}\\b${bare}\\b|^\\s*(?:(?:async|static|public|private)\\s+)*${bare}\\s*\\([^)]*\\)\\s*\\{`,
  );
}

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
