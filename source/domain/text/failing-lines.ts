/** Lines that are kept in all. */
const mostLines = 12;
/** Lines of the last stack that are kept: the error and where it was thrown. */
const stackLines = 5;

/** How programs mark what failed: TAP, Node, Jest, Vitest, Mocha, pytest, Go, Cargo, compilers, linters, make. */
const marks: readonly RegExp[] = [
  /^\s*not ok\b(?!.*#\s*(?:todo|skip))/i,
  /(?:^|[^\w-])(?:FAIL|FAILED|FAILURE)(?:$|[^\w-])/,
  /^\s*(?:✗|✘|✖|×|●|❌)\s+\S/u,
  /^\s*---\s+FAIL:/,
  /\b[A-Z]\w*(?:Error|Exception)\b(?:\s*\[[^\]]*\])?:/,
  /(?:^|\s)(?:fatal |syntax )?[Ee]rror(?:\[\w+\])?(?:\s+[A-Z]+\d+)?:/,
  /^E\s{2,}\S/,
  /\bpanicked at\b|^panic:/,
  /^\s*\d+:\d+\s+error\b/,
  /\*\*\*.*\bError \d+/,
  /^npm (?:ERR!|error) (?:Missing|code E)/,
  /command not found|No such file or directory|Permission denied/,
];

/** A frame of a stack: of JavaScript, Python, Java, Go or Rust. */
const frame = /^\s+at\s+\S|^\s+File ".*", line \d+|^\s+\d+:\s+\S+::|^\t\S+\.go:\d+/;
/** What a summary says when nothing failed. */
const harmless = /\b(?:0|no) (?:errors?|fail(?:ed|ures?|ing)?)\b|\bfail(?:ed|ures)?[:=] ?0\b/i;

/**
 * Finds the lines of a program's output that say what failed, whatever stands around them: the failing tests and the last stack. Lines
 * are added as they come, and only a few are kept.
 */
export class FailingLines {
  readonly #marked: string[] = [];
  #more = 0;
  #stack: string[] = [];
  #inStack = false;
  /** The line before announced a block whose first line is the message. */
  #announced = false;
  #previous = '';

  /** The next line of output, sanitised. */
  add(line: string): void {
    if (frame.test(line)) return this.#addFrame(line);
    // Python prints a line of source below each frame.
    if (this.#inStack && /^\s+\S/.test(line)) return;
    this.#inStack = false;
    this.#previous = line;
    const says = !harmless.test(line) && marks.some(mark => mark.test(line));
    if (says || this.#announced) this.#mark(line);
    this.#announced = says && /[|>]-?$/.test(line);
  }

  #addFrame(line: string): void {
    if (!this.#inStack) this.#stack = this.#previous.trim() === '' ? [] : [this.#previous];
    this.#inStack = true;
    if (this.#stack.length < stackLines) this.#stack.push(line);
  }

  #mark(line: string): void {
    if (this.#marked.at(-1) === line) return;
    if (this.#marked.length < mostLines) this.#marked.push(line);
    else this.#more++;
  }

  /** What failed, in the order of the output, the last stack at the end; empty: nothing in it says so. */
  lines(): readonly string[] {
    const stack = this.#stack.filter(line => !this.#marked.includes(line));
    const room = mostLines - stack.length;
    const shown = this.#marked.slice(0, this.#more > 0 || this.#marked.length > room ? room - 1 : room);
    const left = this.#marked.length - shown.length + this.#more;
    return [...shown, ...(left > 0 ? [`… and ${left} more`] : []), ...stack];
  }
}
