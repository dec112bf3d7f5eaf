import type { Key } from 'ink';

/** One key press. */
export interface KeyPress {
  /** Name as `commands/keymap.ts` spells it: `j`, `G`, `enter`, `ctrl+p`, `pgdn`. */
  readonly name: string;
  /** The character it writes into a text field; null: none. */
  readonly text: string | null;
  /** An Enter that breaks the line where several can be typed: Ctrl+J, Shift+Enter or Alt+Enter. */
  readonly newline?: true;
}

/** What the terminal sent at once: its keys, and the same as text where it can only have been pasted. */
export interface Chunk {
  readonly keys: readonly KeyPress[];
  /** With line breaks as they came; null: nothing but keys. */
  readonly text: string | null;
  /** True if a line break stands between other characters: nobody types that in one go. */
  readonly pasted: boolean;
}

const controls: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\u007f': 'backspace',
  '\b': 'backspace',
  '\u001b': 'esc',
};

/** The keys of a chunk from Ink, and whether it looks like a paste from a terminal that does not mark pastes. */
export function chunkOf(input: string, key: Key): Chunk {
  const keys = splitKeys(input, key);
  const hasBreak = /[\r\n]/.test(input) && !key.shift && !key.meta;
  return {
    keys,
    text: hasBreak ? input : null,
    pasted: hasBreak && /[^\r\n][\r\n]+[^\r\n]/.test(input),
  };
}

/**
 * Splits a chunk from Ink into single key presses. A chunk is a special key alone, or everything typed since the last read (`jjj`,
 * `ab\r`). A key with Alt arrives as Esc and the key, just like Esc and a key typed fast after it: it counts as those two.
 */
export function splitKeys(input: string, key: Key): readonly KeyPress[] {
  if (key.return && (key.shift || key.meta)) return [{ name: 'enter', text: null, newline: true }];
  const lead: readonly KeyPress[] = key.meta && !key.escape ? [{ name: 'esc', text: null }] : [];
  const special = specialName(key);
  if (special !== null) return [...lead, { name: special, text: null }];
  if (key.ctrl && input.length === 1) return [...lead, { name: `ctrl+${input.toLowerCase()}`, text: null }];
  if (unknownSequence.test(input)) return [];
  return [...lead, ...[...input].map(one)];
}

/** What Ink leaves of an escape sequence it does not know (mouse, terminal replies): it strips the ESC. */
const unknownSequence = /^\[[0-9;<=>?:]+[ -/]*[@-~]$/;

function specialName(key: Key): string | null {
  if (key.upArrow) return 'up';
  if (key.downArrow) return 'down';
  if (key.leftArrow) return 'left';
  if (key.rightArrow) return 'right';
  if (key.pageUp) return 'pgup';
  if (key.pageDown) return 'pgdn';
  if (key.home) return 'home';
  if (key.end) return 'end';
  if (key.tab) return key.shift ? 'shift+tab' : 'tab';
  if (key.backspace) return 'backspace';
  if (key.delete) return 'delete';
  if (key.escape) return 'esc';
  return key.return ? 'enter' : null;
}

function one(char: string): KeyPress {
  const control = controls[char];
  if (control !== undefined) return { name: control, text: null, ...(char === '\n' ? { newline: true } : {}) };
  const code = char.charCodeAt(0);
  if (code < 0x20) return { name: `ctrl+${String.fromCharCode(code + 0x60)}`, text: null };
  return char === ' ' ? { name: 'space', text: ' ' } : { name: char, text: char };
}

/** True for a letter of another script than Latin: on the keyboard layout in use, no key of the table can be pressed. */
export function isForeignLetter(name: string): boolean {
  return /^\p{L}$/u.test(name) && !/^\p{Script=Latin}$/u.test(name);
}
