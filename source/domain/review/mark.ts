/**
 * Tells one change of a file from another, for "viewed" marks: two rounds of FNV-1a and the length. It decides about nothing but a
 * reviewer's own tick.
 */
export function changeMark(lines: readonly string[], from: number, to: number): string {
  let one = 0x811c9dc5;
  let two = 0x1b873593;
  let length = 0;
  for (let at = from; at < to; at++) {
    const line = lines[at] ?? '';
    length += line.length + 1;
    for (let index = 0; index < line.length; index++) {
      const code = line.charCodeAt(index);
      one = Math.imul(one ^ code, 0x01000193);
      two = Math.imul(two ^ code, 0x85ebca6b) ^ (two >>> 13);
    }
    one = Math.imul(one ^ 10, 0x01000193);
    two = Math.imul(two ^ 10, 0x85ebca6b);
  }
  return `${hex(one)}${hex(two)}-${length.toString(36)}`;
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
