/** Around the id of an action in a sentence of ours: characters that no text has for anything else. */
const [open, close] = ['\u{f0000}', '\u{f0001}'];
const marks = new RegExp(`${open}([a-z-]+)${close}`, 'gu');

/** Stands in a sentence for the key of an action, whichever it is for this person; `withKeys` puts it there. */
export function keyLabel(actionId: string): string {
  return `${open}${actionId}${close}`;
}

/** The sentence with what `name` says in place of every mark. */
export function replaceMarks(sentence: string, name: (actionId: string) => string): string {
  return sentence.includes(open) ? sentence.replaceAll(marks, (_, id: string) => name(id)) : sentence;
}
