import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openLogFile } from '../../../source/adapters/logs/log-file.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const plain = (text: string) => ({ text, regex: false, ignoreCase: false });

async function found(content: string | Buffer, pattern: { text: string; regex: boolean; ignoreCase: boolean }) {
  const name = path.join(temporaryFolder(), 'out.log');
  fs.writeFileSync(name, content);
  const file = await openLogFile(name, 'out');
  const matches: { readonly offset: number; readonly text: string }[] = [];
  try {
    const result = await file.search(pattern, { onMatch: match => matches.push(match) });
    expect(result).toEqual({ matches: matches.length, complete: true });
    return matches;
  } finally {
    await file.close();
  }
}

describe('searching a log', () => {
  const log = 'first error\nnothing\r\nERROR two\n\x1b[31merr\x1b[0mor three\na.b\nlast error';

  test('finds plain text in the lines as they are shown', async () => {
    expect(await found(log, plain('error'))).toEqual([
      { offset: 0, text: 'first error' },
      { offset: 31, text: 'error three' },
      { offset: 56, text: 'last error' },
    ]);
    expect((await found(log, { text: 'error', regex: false, ignoreCase: true })).map(match => match.offset)).toEqual([
      0, 21, 31, 56,
    ]);
    expect((await found(log, { text: 'A.B', regex: false, ignoreCase: true })).map(match => match.text)).toEqual([
      'a.b',
    ]);
  });

  test('finds letters in either case, those beyond ASCII that are the same letter too', async () => {
    const texts = async (text: string, content: string) =>
      (await found(content, { text, regex: false, ignoreCase: true })).map(match => match.text);
    const hay = 'hay\n'.repeat(200_000);
    for (const [text, written] of [
      ['needle', 'a NeedLE here'],
      ['NEEDLE', 'a needle here'],
      ['mask', 'a ma\u017f\u212a here'],
      ['größe', 'DIE GRÖSSE und GRÖßE'],
      ['a tab', 'a\ttab? A\u001b[1m TAB!'],
    ] as const)
      expect(await texts(text, `${hay}${written}\n${hay}`), text).toHaveLength(1);
    expect(await texts('needle', hay)).toEqual([]);
  });

  test('finds expressions', async () => {
    const texts = async (text: string) =>
      (await found(log, { text, regex: true, ignoreCase: false })).map(match => match.text);
    expect(await texts('^(first|last)')).toEqual(['first error', 'last error']);
    expect(await texts('error$')).toEqual(['first error', 'last error']);
    await expect(found(log, { text: '(', regex: true, ignoreCase: false })).rejects.toThrow(
      /Invalid regular expression/,
    );
  });

  test('finds the same lines wherever its blocks end', async () => {
    const line = fc.oneof(
      fc.constant('needle'),
      fc.constant('x needle y'),
      fc.constant('hay'),
      fc.constant('z'.repeat(100_000)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 30 }), fc.boolean(), async (lines, regex) => {
        const offsets = lines.map((_, index) => lines.slice(0, index).join('\n').length + (index === 0 ? 0 : 1));
        const expected = lines.flatMap((text, index) =>
          text.includes('needle') ? [{ offset: offsets[index], text }] : [],
        );
        expect(await found(lines.join('\n'), { text: 'needle', regex, ignoreCase: false })).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  test('passes over what is long', async () => {
    const content = `${'hay\n'.repeat(500_000)}needle\n${'hay\n'.repeat(500_000)}`;
    expect(await found(content, plain('needle'))).toEqual([{ offset: 2_000_000, text: 'needle' }]);
  });

  test('stops at its signal', async () => {
    const name = path.join(temporaryFolder(), 'out.log');
    fs.writeFileSync(name, 'needle\n'.repeat(500_000));
    const file = await openLogFile(name, 'out');
    const abort = new AbortController();
    let matches = 0;
    const result = await file.search(plain('needle'), {
      signal: abort.signal,
      onMatch: () => {
        matches += 1;
        abort.abort();
      },
    });
    expect(result).toEqual({ matches, complete: false });
    expect(matches).toBeLessThan(100_000);
    await file.close();
  });

  test('is not held up by an expression that would take for ever', async () => {
    const evil = { text: '^(a+)+$', regex: true, ignoreCase: false };
    await expect(found(`${'a'.repeat(60)}!\n`, evil)).rejects.toThrow(/takes too long/);
  });
});
