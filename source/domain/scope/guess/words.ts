/** Words of titles, prompts, commit messages and paths, in one form, so that they can be compared. Pure. */

const stopWords = new Set(
  (
    'the and for with from into that this when then than are was were been has have had not but all any can could should would will ' +
    'its their them they there here what which who how why also only more most other some such very just like make makes made ' +
    'use uses used using add adds added adding fix fixes fixed fixing update updates updated updating remove removes removed removing ' +
    'change changes changed changing improve improves support supports implement implements new allow allows ensure get set let via ' +
    'instead about after before between during each both does done doing file files code work works item items you your our we us ' +
    'it is in of on to as at by be or an if so do no up out off per one two now merge merged pull request closes close refs see line lines user users'
  ).split(' '),
);

/** Distinct words of a text: `parseRoadmap` and `parse-roadmap` both give `parse` and `roadmap`. Bounded, whatever the text. */
export function wordsOf(text: string): readonly string[] {
  const found = new Set<string>();
  for (const raw of text.slice(0, longestText).split(/[^\p{L}\p{N}]+/u)) {
    for (const part of raw.split(/(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})|(?<=\p{L})(?=\p{N})/u)) {
      const word = stem(part.toLowerCase());
      if (word.length >= 2 && word.length <= 40 && !/^\d+$/.test(word) && !stopWords.has(word)) found.add(word);
    }
  }
  return [...found];
}

const longestText = 40_000;

/** `parsing`, `parsed`, `parser` and `parses` are about the same thing. */
function stem(word: string): string {
  if (word.length < 5 || stopWords.has(word)) return word.length > 3 && /[^s]s$/.test(word) ? word.slice(0, -1) : word;
  const short = word
    .replace(/ies$/, 'y')
    .replace(/(?:ations?|ings?|ed|ers?|es|s)$/, '')
    .replace(/([bdfglmnprt])\1$/, '$1')
    .replace(/e$/, '');
  return short.length >= 3 ? short : word;
}

/** Identifiers and other names that a text spells as they stand in code: back-ticked, camelCase, snake_case, `call()`, `--option`. */
export function namesIn(text: string): readonly string[] {
  const found = new Set<string>();
  const taken = text.slice(0, longestText);
  for (const [, span = ''] of taken.matchAll(/`([^`\n]{2,80})`/g)) addNames(span, found, false);
  addNames(taken, found, true);
  return [...found].slice(0, mostNames);
}

const mostNames = 16;

function addNames(text: string, found: Set<string>, onlyCode: boolean): void {
  for (const [whole, call] of text.matchAll(/--?[a-z][\w-]+|[A-Za-z_$][\w$]*(\()?/g)) {
    const name = call === undefined ? whole : whole.slice(0, -1);
    if (name.length < 4 || name.length > 60) continue;
    const spelled = call !== undefined || name.startsWith('--') || /[a-z\d][A-Z]|[A-Za-z\d]_[A-Za-z\d]/.test(name);
    if (onlyCode ? spelled : !stopWords.has(name.toLowerCase())) found.add(name);
  }
}
