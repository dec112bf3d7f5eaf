/** Private-use characters around an action id in a sentence: no other text contains them. */
const [open, close] = ['\u{f0000}', '\u{f0001}'];
const marks = new RegExp(`${open}([a-z-]+)${close}`, 'gu');

/** A placeholder for the key of an action, which the user may have remapped; `withKeys` fills it in. */
export function keyLabel(actionId: string): string {
  return `${open}${actionId}${close}`;
}

/** The sentence with every placeholder replaced by what `name` returns for it. */
export function replaceMarks(sentence: string, name: (actionId: string) => string): string {
  return sentence.includes(open) ? sentence.replaceAll(marks, (_, id: string) => name(id)) : sentence;
}
