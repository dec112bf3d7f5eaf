import { describe, expect, test } from 'vitest';
import { lineText } from '../../../source/ui/presentation/line.ts';
import { areaView, editArea } from '../../../source/ui/screens/parts/text-area.ts';
import {
  edit,
  fieldOf,
  fieldText,
  fieldView,
  insert,
  pastedText,
  type TextField,
} from '../../../source/ui/screens/parts/text-field.ts';

const key = (name: string) => ({ name, text: null });
const press = (field: TextField, ...names: readonly string[]) =>
  names.reduce((now, name) => editArea(now, key(name)) ?? now, field);
const shown = (field: TextField, width = 10, height = 3) => {
  const { lines, row, column } = areaView(field, width, height, true);
  return { rows: lines.map(line => lineText(line).trimEnd()), row, column };
};

describe('a text of several lines', () => {
  test.each([
    ['CR', 'one\rtwo'],
    ['LF', 'one\ntwo'],
    ['CRLF', 'one\r\ntwo'],
  ])('keeps line breaks that come as %s', (_, text) => {
    expect(pastedText(text)).toBe('one\ntwo');
  });

  test('keeps everything else, but no control characters', () => {
    const text = '\ttab 👨‍👩‍👧 \u200eright\u200f é';
    expect(pastedText(text)).toBe(text);
    expect(pastedText('a\u0000\tb\u001b]0;x\u0007c')).toBe('a\u2400\tbc');
  });

  test('Ctrl+J breaks the line, Home and End stay in it, Ctrl+U and Ctrl+K delete to its ends', () => {
    const broken = editArea(fieldOf('one'), { name: 'enter', text: null, newline: true });
    expect(broken).toEqual(fieldOf('one\n'));
    const field = fieldOf('one\ntwo words\nthree');
    const middle = press(field, 'up');
    expect(press(middle, 'home').before).toBe('one\n');
    expect(press(middle, 'end').before).toBe('one\ntwo words');
    expect(fieldText(press(middle, 'ctrl+u'))).toBe('one\nords\nthree');
    expect(fieldText(press(middle, 'ctrl+k'))).toBe('one\ntwo w\nthree');
  });

  test('up and down keep the column as far as the line goes', () => {
    const field = fieldOf('a long line\nab\nanother');
    const up = press(field, 'up');
    expect(up.before).toBe('a long line\nab');
    expect(press(up, 'up').before).toBe('a ');
    expect(press(fieldOf('日本語\nabcd'), 'up').before).toBe('日本');
    expect(press(fieldOf('one'), 'up').before).toBe('');
    expect(press({ before: '', after: 'one' }, 'down').before).toBe('one');
  });

  test('is wrapped, and the cursor is always in sight, in its cell', () => {
    expect(shown(fieldOf('0123456789abc'))).toEqual({ rows: ['0123456789', 'abc', ''], row: 1, column: 3 });
    expect(shown(fieldOf('0123456789'))).toEqual({ rows: ['0123456789', '', ''], row: 1, column: 0 });
    expect(shown(fieldOf('日本'))).toMatchObject({ row: 0, column: 4 });
    const lines = Array.from({ length: 20 }, (_, at) => `line ${at}`).join('\n');
    const end = shown(fieldOf(lines));
    expect([end.rows, end.row]).toEqual([['line 17', 'line 18', 'line 19'], 2]);
    const middle = shown(press(fieldOf(lines), ...Array.from({ length: 10 }, () => 'up')));
    expect(middle.rows[middle.row]).toBe('line 9');
    expect(shown(press(fieldOf('a\nb'), 'up', 'home'))).toMatchObject({ rows: ['a', 'b', ''], row: 0, column: 0 });
  });

  test('shows foreign characters harmlessly and keeps them as they are', () => {
    const text = 'a\tb\u001b[31mred';
    expect(shown(fieldOf(text), 40).rows[0]).toBe('a    bred');
    expect(fieldText(fieldOf(text))).toBe(text);
  });

  test('of 10,000 lines costs no more than what is seen of it', () => {
    const text = Array.from({ length: 10_000 }, (_, at) => `line ${at} \t 😀`).join('\n');
    let field = insert(fieldOf(''), text);
    expect(fieldText(field)).toBe(text);
    for (let at = 0; at < 200; at++) field = press(field, 'up');
    expect(shown(field, 40).rows).toContain('line 9799      😀');
  });
});

describe('deleting and moving', () => {
  test.each([
    ['a family', '👨‍👩‍👧‍👦'],
    ['a flag', '🇩🇪'],
    ['a skin tone', '👍🏽'],
    ['a keycap', '1️⃣'],
    ['a letter with accents', 'e\u0301\u0323'],
    ['a Hangul syllable of parts', '\u1112\u1161\u11ab'],
  ])('takes %s as one character', (_, cluster) => {
    const field = fieldOf(`a${cluster}`);
    expect(edit(field, key('backspace'))).toEqual(fieldOf('a'));
    expect(edit(field, key('left'))).toEqual({ before: 'a', after: cluster });
    expect(edit({ before: '', after: `${cluster}b` }, key('delete'))).toEqual({ before: '', after: 'b' });
    expect(edit({ before: '', after: `${cluster}b` }, key('right'))).toEqual({ before: cluster, after: 'b' });
  });

  test('one flag after the other', () => {
    const flags = '🇩🇪🇫🇷🇯🇵'.repeat(30);
    expect(edit(fieldOf(flags), key('backspace'))?.before).toBe(flags.slice(0, -4));
  });
});

test('the column of the cursor counts cells, also in a field that is cut', () => {
  expect(fieldView(fieldOf('日本'), 20).column).toBe(4);
  expect(fieldView({ before: 'ab', after: 'cd' }, 20).column).toBe(2);
  expect(fieldView(fieldOf('x'.repeat(100)), 20).column).toBeLessThanOrEqual(19);
});
