/** One program with its arguments, as a shell would start it; quotes are taken off. */
export type SimpleCommand = readonly string[];

const longestCommand = 20_000;

/**
 * The simple commands of a shell command line, in order; null: it holds something that is not understood here (variables, substitutions,
 * redirections to files, subshells, background jobs …). Small and closed on purpose: whatever is new is not understood.
 */
export function splitCommand(text: string): readonly SimpleCommand[] | null {
  if (text.length > longestCommand || text.includes('\0') || text.includes('\r')) return null;
  const flat = withoutHeredocs(text);
  return flat === null ? null : parse(flat);
}

/** What stands in for the text of a heredoc. */
const heredocText = 'text';

/** Takes out heredocs, whose text no program reads as a command: `"$(cat <<'EOF' … EOF)"` and `<<'EOF' … EOF`. */
function withoutHeredocs(text: string): string | null {
  let rest = text;
  for (let rounds = 0; rounds < 20; rounds++) {
    const inString = /"\$\(cat <<-?[ \t]*(['"]?)(\w+)\1[ \t]*\n/.exec(rest);
    const plain = /<<-?[ \t]*(['"]?)(\w+)\1/.exec(rest);
    if (plain === null) return rest;
    if (inString !== null && inString.index < plain.index) {
      const [whole, quote, word = ''] = inString;
      const start = inString.index + whole.length;
      const end = new RegExp(`(?:^|\\n)[ \\t]*${word}[ \\t]*\\n?[ \\t]*\\)"`).exec(rest.slice(start));
      if (end === null || !isPlain(rest.slice(start, start + end.index), quote)) return null;
      rest = `${rest.slice(0, inString.index)}'${heredocText}'${rest.slice(start + end.index + end[0].length)}`;
      continue;
    }
    const [whole, quote, word = ''] = plain;
    // Inside of quotes these are not the beginning of a heredoc, and what is, cannot be seen here.
    if (!isOutsideQuotes(rest.slice(0, plain.index))) return null;
    const lineEnd = rest.indexOf('\n', plain.index);
    if (lineEnd < 0) return null;
    const end = new RegExp(`(?:^|\\n)[ \\t]*${word}[ \\t]*(?=\\n|$)`).exec(rest.slice(lineEnd + 1));
    if (end === null || !isPlain(rest.slice(lineEnd + 1, lineEnd + 1 + end.index), quote)) return null;
    const behind = rest.slice(plain.index + whole.length, lineEnd);
    rest = `${rest.slice(0, plain.index)}${behind}${rest.slice(lineEnd + 1 + end.index + end[0].length)}`;
  }
  return null;
}

/** The shell expands the text of a heredoc unless its word is quoted. */
function isPlain(body: string, quote: string | undefined): boolean {
  return quote !== '' || !/[$`\\]/.test(body);
}

function isOutsideQuotes(before: string): boolean {
  let open: string | null = null;
  for (let at = 0; at < before.length; at++) {
    const letter = before[at] ?? '';
    if (open === null && letter === '\\') at++;
    else if (open === null && (letter === "'" || letter === '"')) open = letter;
    else if (open === '"' && letter === '\\') at++;
    else if (letter === open) open = null;
  }
  return open === null;
}

/** Redirections that touch no file of anybody. */
const harmless = /^(?:2>&1|[12&]?> ?\/dev\/null|<\/dev\/null)(?=[\s;|&]|$)/;

function parse(text: string): readonly SimpleCommand[] | null {
  const commands: string[][] = [];
  let words: string[] = [];
  let word: string | null = null;
  const endWord = () => {
    if (word !== null) words.push(word);
    word = null;
  };
  const endCommand = () => {
    endWord();
    if (words.length > 0) commands.push(words);
    words = [];
  };
  for (let at = 0; at < text.length; ) {
    const letter = text[at] ?? '';
    const rest = text.slice(at);
    if (letter === ' ' || letter === '\t') {
      endWord();
      at++;
      continue;
    }
    const redirection = word === null ? harmless.exec(rest) : null;
    if (redirection !== null) {
      at += redirection[0].length;
      continue;
    }
    const separator = /^(?:&&|\|\||[;|\n])/.exec(rest);
    if (separator !== null) {
      endCommand();
      at += separator[0].length;
      continue;
    }
    const piece = readPiece(rest);
    if (piece === null) return null;
    word = (word ?? '') + piece.text;
    at += piece.length;
  }
  endCommand();
  return commands;
}

/** Characters that mean something to a shell; a word with one of them is not understood. `~` and globs are expanded by it too. */
const special = /[$`(){}<>&*?[\]~!#]/;

/** A quoted part, an escaped character, or a run of plain ones. */
function readPiece(rest: string): { readonly text: string; readonly length: number } | null {
  const letter = rest[0] ?? '';
  if (letter === "'") {
    const end = rest.indexOf("'", 1);
    return end < 0 ? null : { text: rest.slice(1, end), length: end + 1 };
  }
  if (letter === '"') return readDouble(rest);
  if (letter === '\\') {
    const next = rest[1];
    if (next === undefined) return null;
    return { text: next === '\n' ? '' : next, length: 2 };
  }
  const plain = /^[^\s;|&'"\\]+/.exec(rest)?.[0] ?? '';
  return plain === '' || special.test(plain) ? null : { text: plain, length: plain.length };
}

function readDouble(rest: string): { readonly text: string; readonly length: number } | null {
  let text = '';
  for (let at = 1; at < rest.length; at++) {
    const letter = rest[at] ?? '';
    if (letter === '"') return { text, length: at + 1 };
    if (letter === '$' || letter === '`') return null;
    if (letter === '\\') {
      at++;
      const next = rest[at] ?? '';
      text += '"\\$`'.includes(next) ? next : next === '\n' ? '' : `\\${next}`;
    } else text += letter;
  }
  return null;
}
