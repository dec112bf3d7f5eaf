import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapePath, sanitizeBlock, sanitizeLine } from '../../source/domain/text/sanitize.ts';

const ESC = '\x1b';

/** Nothing that a terminal acts on, and nothing that hides or reorders. */
const unsafe =
  /[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e00ff}\p{Cs}]/u;

describe('sanitizeLine', () => {
  test.each([
    ['plain text', 'plain text', 'plain text'],
    ['accents, CJK and emoji with joiners', 'é 漢字 👩‍💻 ⏸️ ─', 'é 漢字 👩‍💻 ⏸️ ─'],
    ['colours', `${ESC}[1;32mok${ESC}[0m done`, 'ok done'],
    ['true colour with colons', `${ESC}[38:2::1:2:3mx${ESC}[m`, 'x'],
    ['clear screen and cursor moves', `a${ESC}[2J${ESC}[10;20Hb`, 'ab'],
    ['8-bit CSI', 'a\x9b31mb', 'ab'],
    ['title by OSC and BEL', `a${ESC}]0;evil\x07b`, 'ab'],
    ['hyperlink by OSC and ST', `${ESC}]8;;http://x${ESC}\\text${ESC}]8;;${ESC}\\`, 'text'],
    ['clipboard', `a${ESC}]52;c;aGk=\x07b`, 'ab'],
    ['8-bit OSC', 'a\x9d0;t\x9cb', 'ab'],
    ['DCS', `a${ESC}Pq#0;1${ESC}\\b`, 'ab'],
    ['APC', `a${ESC}_Gf=100${ESC}\\b`, 'ab'],
    ['charset and resets', `${ESC}(Ba${ESC}cb${ESC}7`, 'ab'],
    ['CSI without an end', `a${ESC}[12`, 'a␛[12'],
    ['CSI broken by text', `a${ESC}[1é`, 'a␛[1é'],
    ['OSC without an end', `a${ESC}]0;title`, 'a␛]0;title'],
    ['DCS is not ended by BEL', `a${ESC}Pq\x07b`, 'a␛Pq␇b'],
    ['lone ESC at the end', `a${ESC}`, 'a␛'],
    ['controls', 'a\0b\x07c\bd\x7fe', 'a␀b␇c␈d␡e'],
    ['line breaks inside', 'a\nb\rc', 'a␊b␍c'],
    ['carriage return at the end', 'a\r', 'a'],
    ['tab', 'a\tb', 'a    b'],
    ['C1 controls', 'a\x85b\x8dc', 'a\uFFFDb\uFFFDc'],
    ['bidi', 'a\u202eb\u2066c\u061cd\u200fe', 'a\uFFFDb\uFFFDc\uFFFDd\uFFFDe'],
    ['separators and BOM', '\ufeffa\u2028b\u2029', '\uFFFDa\uFFFDb\uFFFD'],
    ['tag characters', 'a\u{e0041}b', 'a\uFFFDb'],
    ['lone surrogates', 'a\ud800b\udc00', 'a\uFFFDb\uFFFD'],
    ['combining marks', `e${'\u0301'.repeat(50)}x`, `e${'\u0301'.repeat(6)}x`],
  ])('%s', (_name, input, expected) => {
    expect(sanitizeLine(input)).toBe(expected);
  });

  test('cuts before it looks, never through a pair or a sequence', () => {
    expect(sanitizeLine('abcdef', 4)).toBe('abcd…');
    expect(sanitizeLine('abc😀', 4)).toBe('abc…');
    expect(sanitizeLine(`ab${ESC}[31mcd`, 5)).toBe('ab…');
    expect(sanitizeLine('x'.repeat(5000))).toBe(`${'x'.repeat(4096)}…`);
  });

  test('leaves nothing that a terminal acts on, whatever comes in', () => {
    const nasty = fc.constantFrom(
      ESC,
      '[',
      ']',
      'P',
      '\\',
      '\x07',
      '\x9b',
      '\x9c',
      '\x90',
      '\n',
      '\r',
      '\t',
      ';',
      '1',
      'm',
      '\u202e',
    );
    const texts = fc
      .array(fc.oneof(nasty, fc.string({ unit: 'binary' })), { maxLength: 40 })
      .map(parts => parts.join(''));
    fc.assert(
      fc.property(texts, text => {
        const clean = sanitizeLine(text);
        expect(clean).not.toMatch(unsafe);
        expect(sanitizeLine(clean)).toBe(clean);
        expect(sanitizeBlock(text, 4096).split('\n').join('')).not.toMatch(unsafe);
      }),
    );
  });

  test('looks at each character a bounded number of times', () => {
    const size = 1 << 20;
    const lines = [
      `${ESC}[`,
      `${ESC}]`,
      `${ESC}P`,
      ESC,
      `${ESC}[1;`,
      '\x9b',
      `${ESC}(`,
      '\u0301',
      `${ESC}]0;${ESC}`,
      ';',
    ];
    for (const part of lines) {
      const line = `${ESC}[${part.repeat(size / part.length)}`;
      expect(unsafe.test(sanitizeBlock(line, line.length))).toBe(false);
    }
  });
});

describe('sanitizeBlock', () => {
  test('keeps line ends and makes them one kind', () => {
    expect(sanitizeBlock(`a\r\n${ESC}[31mb\n\rc\n`, 100)).toBe('a\nb\n␍c\n');
  });

  test('a sequence never swallows a line end', () => {
    expect(sanitizeBlock(`a${ESC}]0;x\nb\x07`, 100)).toBe('a␛]0;x\nb␇');
  });

  test('is cut as a whole', () => {
    expect(sanitizeBlock('ab\ncd\nef', 4)).toBe('ab\nc…');
  });
});

describe('escapePath', () => {
  test.each([
    ['src/app.ts', 'src/app.ts'],
    ['docs/mon été.md', 'docs/mon été.md'],
    ['a\nb', 'a\\nb'],
    ['a\x1b[2Jb', 'a\\x1b[2Jb'],
    ['a\\nb', 'a\\\\nb'],
    ['x\u202egpj.exe', 'x\\u202egpj.exe'],
    ['a\u200bb', 'a\\u200bb'],
    ['a\u{e0041}', 'a\\u{e0041}'],
    ['a\ud800', 'a\\ud800'],
    ['a\u00a0b', 'a\\xa0b'],
    [' a b ', '\\x20a b\\x20'],
  ])('%j', (path, expected) => {
    expect(escapePath(path)).toBe(expected);
  });

  test('tells different paths apart', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(escapePath(a) === escapePath(b)).toBe(a === b);
        expect(escapePath(a)).not.toMatch(unsafe);
      }),
    );
  });

  test('says how much of an endless path is missing', () => {
    expect(escapePath('a'.repeat(5000))).toBe(`${'a'.repeat(4096)}… (904 more)`);
  });
});
