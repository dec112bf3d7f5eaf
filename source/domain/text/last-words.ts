/** What a reader says of a result that carries no words of its own. */
export const noWords = 'finished';

/** Characters at the end of a text in which its question is looked for. */
const within = 600;
/** What may follow the question itself: a list of choices, or one short sentence ("Let me know."). */
const shortAfterthought = 80;

const listLine = /^\s*(?:[-*•–]|\(?\w{1,2}[.):])\s/;
const request =
  /\b(?:please|kindly) (?:tell|confirm|clarify|choose|decide|specify|provide|advise|let (?:me|us) know|say)\b|\blet me know (?:which|what|whether|if|how|where|when|who)\b|\b(?:waiting|wait) for your (?:answer|decision|reply|confirmation|choice)\b|\bI need (?:to know|your (?:answer|decision|confirmation|choice))\b/i;

/** True where the last words of a text ask the reader something, so that whoever wrote them waits for an answer. */
export function endsInQuestion(text: string): boolean {
  const end = text.trimEnd().slice(-within);
  const mark = lastQuestionMark(end);
  if (mark >= 0 && isAfterthought(end.slice(mark + 1))) return true;
  return request.test(lastSentence(end));
}

/** Place of the last question mark that ends a sentence: not one in an address (`?id=1`) or in code (`a?.b`, `x ? y : z`). */
function lastQuestionMark(text: string): number {
  for (const found of [...text.matchAll(/[?？؟][)\]"'’”»*_`]*(?=\s|$)/g)].reverse()) {
    if (!/\s/.test(text[found.index - 1] ?? ' ')) return found.index;
  }
  return -1;
}

function isAfterthought(rest: string): boolean {
  const words = rest.replace(/^[)\]"'’”»*_`]+/, '').trim();
  if (words.length === 0) return true;
  const lines = words.split('\n').filter(line => line.trim() !== '');
  if (lines.every(line => listLine.test(line))) return true;
  const prose = lines.filter(line => !listLine.test(line)).join(' ');
  return prose.length <= shortAfterthought;
}

function lastSentence(text: string): string {
  const trimmed = text.replace(/[.!:\s]+$/, '');
  return trimmed.slice(Math.max(trimmed.lastIndexOf('. '), trimmed.lastIndexOf('! '), trimmed.lastIndexOf('\n')) + 1);
}

/** At most `length` characters of a text, from its end, where a question stands; whole words. */
export function endOf(text: string, length: number): string {
  const all = text.trim();
  if (all.length <= length) return all;
  const cut = all.slice(-(length - 2));
  return `… ${cut.slice(cut.search(/\s/) + 1).trimStart()}`;
}
