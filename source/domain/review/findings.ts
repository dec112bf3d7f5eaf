/** What a reviewing agent found, as it says it at the end of its output: foreign text, of which what can be read is taken. Pure. */

export interface Finding {
  /** As the agent wrote it. */
  readonly path: string;
  /** Of the new file; 0: the file as a whole. */
  readonly line: number;
  /** The last line it is about; not below `line`. */
  readonly to: number;
  readonly text: string;
}

export interface FoundText {
  /** Null: the agent neither named findings nor said that there are none. */
  readonly findings: readonly Finding[] | null;
  /** What it said before them. */
  readonly words: string;
}

/** More than these help nobody. */
const mostFindings = 100;
const longestText = 2000;
/** Columns of a line that are looked at. */
const longestLine = 8000;
const heading = /^[\s#>*_`-]*(no )?findings?\b[\s*_`]*[:.]?[\s*_`]*(none|0|\[\])?[\s*_`.]*$/i;
const plain = /^[\s>*•-]*`?([^\s:`"'(){}[\]<>|]{1,300}):(\d{1,7})(?:\s*[-–:]\s*(\d{1,7}))?`?\s*[:—–-]\s*(\S.*)$/u;

/**
 * Findings stand at the end of the output, after a line `FINDINGS`: one a line, as `path:line: text` or as `{"path", "line", "text"}`;
 * `NO FINDINGS` says that there are none. Without that line, whatever has one of these forms counts.
 */
export function readFindings(output: string): FoundText {
  const lines = output.split('\n').map(line => line.slice(0, longestLine));
  const at = lines.findLastIndex(line => heading.test(line));
  const said = at < 0 ? null : heading.exec(lines[at] ?? '');
  const isNone = said?.[1] !== undefined || said?.[2] !== undefined;
  const found = readLines(at < 0 ? lines : lines.slice(at + 1));
  const words = (at < 0 ? lines.filter(line => findingsOf(line).length === 0) : lines.slice(0, at)).join('\n').trim();
  if (found.length > 0) return { findings: found, words };
  return { findings: isNone || (at >= 0 && saysNone(lines.slice(at + 1))) ? [] : null, words };
}

/** After the heading: nothing but a word for nothing. */
function saysNone(lines: readonly string[]): boolean {
  return lines.some(line => /^[\s*_`-]*(none|no findings|nothing|\[\])[\s*_`.]*$/i.test(line));
}

function readLines(lines: readonly string[]): readonly Finding[] {
  const findings = new Map<string, Finding>();
  for (const line of lines) {
    for (const finding of findingsOf(line)) {
      if (findings.size >= mostFindings) break;
      findings.set(`${finding.path} ${finding.line} ${finding.text}`, finding);
    }
  }
  return [...findings.values()];
}

function findingsOf(line: string): readonly Finding[] {
  const trimmed = line.trim().replace(/^[-*•]\s+/, '');
  if (trimmed.startsWith('{') || trimmed.startsWith('[')) return fromJson(trimmed);
  const match = plain.exec(line);
  if (match === null) return [];
  const [, path = '', first = '0', last, text = ''] = match;
  return made(path, Number(first), last === undefined ? Number(first) : Number(last), text);
}

function fromJson(text: string): readonly Finding[] {
  let read: unknown;
  try {
    read = JSON.parse(text.replace(/,\s*$/, ''));
  } catch {
    return [];
  }
  const nested = isObject(read) && Array.isArray(read.findings) ? read.findings : read;
  return (Array.isArray(nested) ? nested.slice(0, mostFindings) : [nested]).flatMap(one => {
    if (!isObject(one)) return [];
    const path = one.path ?? one.file;
    const words = one.text ?? one.message ?? one.comment ?? one.body;
    const first = Number(one.line ?? one.from ?? 0);
    const last = Number(one.to ?? one.end_line ?? first);
    return typeof path === 'string' && typeof words === 'string' ? made(path, first, last, words) : [];
  });
}

function made(path: string, first: number, last: number, words: string): readonly Finding[] {
  const clean = path.replace(/^\.\//, '');
  const text = words.trim().slice(0, longestText);
  const isPath = /[\p{L}._]/u.test(clean) && !clean.startsWith('/') && !clean.split('/').includes('..');
  if (text === '' || !isPath || clean.includes('//')) return [];
  const line = Number.isSafeInteger(first) && first > 0 ? first : 0;
  return [{ path: clean, line, to: Number.isSafeInteger(last) && last > line ? last : line, text }];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
