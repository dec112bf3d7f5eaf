/** Sequences that the screen itself sends; whatever else begins with ESC came from somewhere else. */
const own = [
  /\u001b\[[0-9;]*m/g,
  /\u001b\[[0-9;]*[ABCDEFGHJK]/g,
  /\u001b\[\?(1049|25|2026|2004)[hl]/g,
  /\u001b\[2[23];2t/g,
  // The kitty keyboard protocol: asked for, on, off.
  /\u001b\[(\?|>29|<)u/g,
  /\u001b\]2;cm-tui(: [a-z0-9 ,]*)?\u0007/g,
  /\u0007/g,
];

/** C0 controls but line breaks, DEL and C1. */
const foreignControls = /[\u0000-\u0009\u000b-\u000c\u000e-\u001f\u007f-\u009f]/g;

/** Controls among what was written to a terminal that the screen does not send by itself. */
export function foreignControlsIn(written: string): readonly string[] {
  let rest = written;
  for (const pattern of own) rest = rest.replaceAll(pattern, '');
  return [...new Set(rest.match(foreignControls) ?? [])].map(char => `U+${(char.codePointAt(0) ?? 0).toString(16)}`);
}

/** Rows of frames that do not end with an edge: something has broken them. */
export function brokenFrames(screen: readonly string[]): readonly string[] {
  return screen.filter(row => /^[┏╭┃│┗╰]/.test(row) && !/[┓╮┃│┛╯]$/.test(row));
}
