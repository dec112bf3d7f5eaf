/** A sentence as it stands inside another one: without its full stop (an ellipsis keeps its dots). */
export function withoutFullStop(sentence: string): string {
  return sentence.replace(/(?<!\.)\.$/, '');
}
