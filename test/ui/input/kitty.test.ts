import { describe, expect, test } from 'vitest';
import { isProtocolReply, KeyboardProtocol, parseKitty } from '../../../source/ui/terminal/kitty.ts';

const keys = (sequence: string) => parseKitty(`\u001b[${sequence}`)?.map(({ name, text }) => [name, text]);

describe('the kitty keyboard protocol', () => {
  test.each([
    ['a letter', '106;;106u', [['j', 'j']]],
    ['a shifted letter', '106:74;2;74u', [['J', 'J']]],
    ['a letter without its text', '106u', [['j', 'j']]],
    ['a Cyrillic letter acts by its place and writes itself', '1099::115;;1099u', [['s', 'ы']]],
    ['the same without its text', '1099::115u', [['s', 'ы']]],
    ['a shifted Cyrillic letter', '1099:1067:115;2;1067u', [['S', 'Ы']]],
    ['a Greek letter', '963::115;1;963u', [['s', 'σ']]],
    ['a Hebrew letter', '1491::115u', [['s', 'ד']]],
    ['a letter in the place of a mark', '1078::59u', [[';', 'ж']]],
    ['a shifted letter in the place of a mark', '1078:1046:59;2u', [[':', 'Ж']]],
    ['a Latin letter of another Latin layout stays itself', '97::113;;97u', [['a', 'a']]],
    ['Ctrl with a Cyrillic letter', '1089::99;5u', [['ctrl+c', null]]],
    ['Ctrl with a letter', '114;5u', [['ctrl+r', null]]],
    ['Enter', '13u', [['enter', null]]],
    ['Esc', '27u', [['esc', null]]],
    ['Shift+Tab', '9;2u', [['shift+tab', null]]],
    ['Space', '32;;32u', [['space', ' ']]],
    ['Backspace', '127u', [['backspace', null]]],
    ['Enter of the keypad', '57414u', [['enter', null]]],
    ['a digit of the keypad', '57401;129;50u', [['2', '2']]],
    ['an arrow of the keypad', '57420u', [['down', null]]],
    ['a repeated key', '106;1:2;106u', [['j', 'j']]],
    ['a released key', '106;1:3u', []],
    ['a modifier alone', '57441;2u', []],
    [
      'what an input method composed',
      '0;;26085:26412u',
      [
        ['日', '日'],
        ['本', '本'],
      ],
    ],
    ['Alt with a letter', '120;3u', [['alt+x', null]]],
    ['a character that is none', '0;;0:27:55296u', []],
  ])('%s', (_, sequence, expected) => {
    expect(keys(sequence)).toEqual(expected);
  });

  test.each(['A', '1;2A', '5~', '?1u', '200~', 'u', '1;2;3;4u'])('CSI %s is none of its keys', sequence => {
    expect(keys(sequence)).toBeUndefined();
  });

  test('Shift+Enter breaks the line', () => {
    expect(parseKitty('\u001b[13;2u')).toEqual([{ name: 'enter', text: null, newline: true }]);
  });

  test('is turned on once the terminal has answered, off for other programs, and off at the end', async () => {
    const written: string[] = [];
    const keyboard = new KeyboardProtocol({ write: text => written.push(text) > 0 });
    keyboard.ask();
    await keyboard.without(async () => void written.push('before'));
    expect(isProtocolReply('\u001b[?0u') && !isProtocolReply('\u001b[?0c')).toBe(true);
    keyboard.answered();
    keyboard.answered();
    await keyboard.without(async () => void written.push('other program'));
    keyboard.stop();
    keyboard.stop();
    const [on, off] = ['\u001b[>29u', '\u001b[<u'];
    expect(written).toEqual(['\u001b[?u', 'before', on, off, 'other program', on, off]);
  });
});
