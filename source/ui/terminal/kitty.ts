import type { KeyPress } from './keys.ts';

/**
 * The kitty keyboard protocol: a terminal that has it reports every key as a number, with its place on a Latin keyboard where the layout is
 * another one. The keys of the table then act by their place, and text fields get the letter.
 */

/** Asks the terminal whether it has the protocol; one that does not have it says nothing. */
export const protocolQuery = '\u001b[?u';
/** Distinguish keys, report their place, all of them, with their text. */
export const protocolOn = '\u001b[>29u';
export const protocolOff = '\u001b[<u';

/** True for the answer to the query. */
export function isProtocolReply(sequence: string): boolean {
  return /^\u001b\[\?\d+u$/.test(sequence);
}

const keyPattern = /^\u001b\[(\d+)(?::(\d*))?(?::(\d+))?(?:;(\d*)(?::(\d+))?)?(?:;([\d:]*))?u$/;

const named: Readonly<Record<number, string>> = {
  8: 'backspace',
  9: 'tab',
  13: 'enter',
  27: 'esc',
  127: 'backspace',
  57414: 'enter',
  57417: 'left',
  57418: 'right',
  57419: 'up',
  57420: 'down',
  57421: 'pgup',
  57422: 'pgdn',
  57423: 'home',
  57424: 'end',
  57426: 'delete',
};

/** Characters of the keypad from its first code on. */
const keypad = '0123456789./*-+';
const keypadStart = 57399;
/** Codes of keys without text: media keys, and the modifiers themselves. */
const functional = [57344, 63743] as const;

const shiftedKeys = new Map([..."1234567890-=[]\\;'`,./"].map((key, at) => [key, '!@#$%^&*()_+{}|:"~<>?'[at] ?? key]));

/** The keys of a sequence of the protocol; null: it is none. */
export function parseKitty(sequence: string): readonly KeyPress[] | null {
  const match = keyPattern.exec(sequence);
  if (match === null) return null;
  const [, code = '', shifted = '', place = '', modifiers = '', event = '', codes = ''] = match;
  if (event === '3') return [];
  const bits = Math.max(0, Number(modifiers === '' ? '1' : modifiers) - 1);
  const held = { shift: (bits & 1) !== 0, alt: (bits & 2) !== 0, ctrl: (bits & 4) !== 0 };
  const text = charsOf(codes);
  const number = Number(code);
  const name = named[number];
  if (name !== undefined) return [special(name, held)];
  const pad = keypad[number - keypadStart];
  if (pad !== undefined) return [{ name: pad, text: pad }];
  // Composed text, as of an input method, has no key of its own.
  if (number === 0 || (isFunctional(number) && text !== '')) return [...text].map(char => typed(char, char));
  if (isFunctional(number)) return [];
  const char = text !== '' ? text : charsOf(held.shift && shifted !== '' ? shifted : code);
  const plain = charsOf(code);
  const onLatin = place === '' || isAscii(plain) ? null : charsOf(place);
  if (held.ctrl) return [{ name: `ctrl+${(onLatin ?? plain).toLowerCase()}`, text: null }];
  if (held.alt && text === '') return [{ name: `alt+${plain}`, text: null }];
  if (onLatin === null) return [typed(char, char)];
  return [typed(held.shift ? (shiftedKeys.get(onLatin) ?? onLatin.toUpperCase()) : onLatin, char)];
}

function special(name: string, { shift, alt }: { readonly shift: boolean; readonly alt: boolean }): KeyPress {
  if (name === 'tab' && shift) return { name: 'shift+tab', text: null };
  return { name, text: null, ...(name === 'enter' && (shift || alt) ? { newline: true } : {}) };
}

function typed(name: string, text: string): KeyPress {
  return { name: name === ' ' ? 'space' : name, text };
}

function isFunctional(code: number): boolean {
  return code >= functional[0] && code <= functional[1];
}

function isAscii(char: string): boolean {
  return char < '\u007f';
}

/** Code points separated by colons, as text; other numbers are left out. */
function charsOf(codes: string): string {
  return codes
    .split(':')
    .map(Number)
    .filter(code => code >= 0x20 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) && code !== 0x7f)
    .map(code => String.fromCodePoint(code))
    .join('');
}

interface Sink {
  write(text: string): boolean;
}

/** Turns the protocol on where the terminal has it, and off while another program has the terminal. */
export class KeyboardProtocol {
  private on = false;

  constructor(private readonly sink: Sink) {}

  ask(): void {
    this.sink.write(protocolQuery);
  }

  /** The terminal has answered. */
  answered(): void {
    if (this.on) return;
    this.on = true;
    this.sink.write(protocolOn);
  }

  /** True: keys of another layout are reported with their place. */
  get knowsPlaces(): boolean {
    return this.on;
  }

  async without(work: () => Promise<void>): Promise<void> {
    if (!this.on) return work();
    this.sink.write(protocolOff);
    try {
      await work();
    } finally {
      this.sink.write(protocolOn);
    }
  }

  stop(): void {
    if (this.on) this.sink.write(protocolOff);
    this.on = false;
  }
}
