/** One file of a unified diff. Texts are raw: sanitise before showing. */
export interface DiffFile {
  readonly path: string;
  /** Null unless it was renamed or copied. */
  readonly oldPath: string | null;
  readonly change: 'A' | 'M' | 'D' | 'R';
  readonly insertions: number;
  readonly deletions: number;
  readonly binary: boolean;
  /** Index of its first line, and after its last line, in the diff. */
  readonly from: number;
  readonly to: number;
}

export interface Diff {
  readonly lines: readonly string[];
  readonly files: readonly DiffFile[];
  /** Indexes of the lines that begin a hunk, ascending. */
  readonly hunks: readonly number[];
}

interface Draft {
  path: string;
  oldPath: string | null;
  change: DiffFile['change'];
  insertions: number;
  deletions: number;
  binary: boolean;
  from: number;
  to: number;
}

/** Parses the output of `git diff`. The line counts of a hunk tell its lines from headers, whatever they look like. */
export function parseDiff(text: string): Diff {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const files: Draft[] = [];
  const hunks: number[] = [];
  let file: Draft | null = null;
  let oldLeft = 0;
  let newLeft = 0;
  lines.forEach((line, index) => {
    if (oldLeft > 0 || newLeft > 0) {
      if (file !== null) count(file, line);
      if (line[0] !== '+' && line[0] !== '\\') oldLeft--;
      if (line[0] !== '-' && line[0] !== '\\') newLeft--;
      return;
    }
    if (line.startsWith('diff --git ')) {
      if (file !== null) file.to = index;
      file = begin(line, index, lines.length);
      files.push(file);
      return;
    }
    const hunk = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line);
    if (hunk !== null) {
      oldLeft = Number(hunk[1] ?? 1);
      newLeft = Number(hunk[2] ?? 1);
      hunks.push(index);
    } else if (file !== null) header(file, line);
  });
  return { lines, files, hunks };
}

function begin(line: string, from: number, to: number): Draft {
  const names = /^diff --git (?:"?a\/(.*?)"?) (?:"?b\/(.*?)"?)$/.exec(line);
  const path = names?.[2] ?? line.slice('diff --git '.length);
  return { path, oldPath: null, change: 'M', insertions: 0, deletions: 0, binary: false, from, to };
}

function count(file: Draft, line: string): void {
  if (line[0] === '+') file.insertions++;
  else if (line[0] === '-') file.deletions++;
}

function header(file: Draft, line: string): void {
  if (line.startsWith('new file mode')) file.change = 'A';
  else if (line.startsWith('deleted file mode')) file.change = 'D';
  else if (line.startsWith('rename from ')) {
    file.change = 'R';
    file.oldPath = unquote(line.slice('rename from '.length));
  } else if (line.startsWith('rename to ')) file.path = unquote(line.slice('rename to '.length));
  else if (line.startsWith('Binary files ') || line === 'GIT binary patch') file.binary = true;
  else if (line.startsWith('+++ ') && !line.startsWith('+++ /dev/null')) file.path = side(line, 'b/');
  else if (line.startsWith('--- ') && file.change === 'D') file.path = side(line, 'a/');
}

function side(line: string, prefix: string): string {
  const name = unquote(line.slice(4).replace(/\t$/, ''));
  return name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

/** A path as git quotes it: `"b/caf\303\251"`. Bytes that are not UTF-8 become U+FFFD. */
function unquote(name: string): string {
  if (!name.startsWith('"') || !name.endsWith('"')) return name;
  const letters: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, a: 7, b: 8, f: 12, v: 11 };
  const out: number[] = [];
  const encoder = new TextEncoder();
  for (const part of name.slice(1, -1).match(/\\[0-7]{3}|\\.|[^\\]+/gs) ?? []) {
    if (part[0] !== '\\') out.push(...encoder.encode(part));
    else if (/^\\[0-7]/.test(part)) out.push(Number.parseInt(part.slice(1), 8));
    else out.push(letters[part[1] ?? ''] ?? part.charCodeAt(1));
  }
  return new TextDecoder().decode(new Uint8Array(out));
}

/** Line number in the new file of the diff line at `at`, or of the next one in the same hunk; null: `at` is in no hunk. */
export function newLineAt({ lines, hunks }: Diff, at: number): number | null {
  const start = hunks.findLast(hunk => hunk <= at);
  const header = start === undefined ? null : /^@@ -\d+(?:,\d+)? \+(\d+)/.exec(lines[start] ?? '');
  if (start === undefined || header === null) return null;
  const before = lines.slice(start + 1, Math.max(start + 1, at)).filter(line => line[0] !== '-' && line[0] !== '\\');
  return Number(header[1]) + before.length;
}
