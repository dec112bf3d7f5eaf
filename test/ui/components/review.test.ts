import { describe, expect, test } from 'vitest';
import { parseDiff } from '../../../source/domain/review/parse-diff.ts';
import { noReview, type Review, type ReviewComment } from '../../../source/domain/review/review.ts';
import { lineText, span } from '../../../source/ui/presentation/line.ts';
import { wordDiff } from '../../../source/ui/presentation/word-diff.ts';
import { commentOn, layOutBody, load } from '../../../source/ui/screens/review/document.ts';
import { bodyRow } from '../../../source/ui/screens/review/rows.ts';

const text = `diff --git a/src/a.js b/src/a.js
index 1..2 100644
--- a/src/a.js
+++ b/src/a.js
@@ -1,4 +1,5 @@
 one
-const two = 2;
+const two = 22;
+new
 three
 four
@@ -20,2 +21,2 @@ function x() {
-gone
+come
 end
\\ No newline at end of file
diff --git a/package-lock.json b/package-lock.json
index 1..2 100644
--- a/package-lock.json
+++ b/package-lock.json
@@ -1,1 +1,1 @@
-{"a": 1}
+{"a": 2}
`;
const loaded = load(parseDiff(text), 'd'.repeat(40));
const at = (line: string) => loaded.diff.lines.indexOf(line);

function comment(more: Partial<ReviewComment> = {}): ReviewComment {
  const about = commentOn(loaded, at('+const two = 22;'), at('+new'));
  if (about === null) throw new Error('no lines');
  return { ...about, id: 'c1', text: 'Why?', head: 'd'.repeat(40), at: 0, sentAt: null, ...more };
}

function shown(review: Review, toggled: ReadonlyMap<string, boolean> = new Map(), of = loaded): readonly string[] {
  const body = layOutBody(of, review, toggled);
  const look = { loaded: of, body, review, shift: 0 };
  return body.rows.map((_, index) => lineText(bodyRow(look, index, span(' '))).trimEnd());
}

describe('the diff of the review page', () => {
  test('numbers lines by the side they are on, and folds what a program wrote', () => {
    expect(shown(noReview)).toEqual([
      '',
      ' ■ src/a.js  M  +3 −2',
      '  @@ -1,4 +1,5 @@',
      '     1  one',
      '     2 -const two = 2;',
      '     2 +const two = 22;',
      '     3 +new',
      '     4  three',
      '     5  four',
      '  @@ -20,2 +21,2 @@ function x() {',
      '    20 -gone',
      '    21 +come',
      '    22  end',
      '  \\ No newline at end of file',
      '',
      ' ■ package-lock.json  M  +1 −1',
      '       … 2 changed lines folded (o unfolds)',
    ]);
    const unfolded = shown(noReview, new Map([['package-lock.json', false]]));
    expect(unfolded.at(-1)).toBe('     1 +{"a": 2}');
  });

  test('folds what was viewed until it changes', () => {
    const viewed = { 'src/a.js': loaded.marks[0] ?? '' };
    expect(shown({ ...noReview, viewed })[1]).toBe(' ✓ src/a.js  M  +3 −2  viewed');
    const other = load(parseDiff(text.replace('+new', '+newer')), null);
    expect(shown({ ...noReview, viewed }, new Map(), other)[1]).toBe(' ■ src/a.js  M  +3 −2');
  });

  test('shows comments below their lines, wherever these have moved, and below the header once they are gone', () => {
    const review = { ...noReview, comments: [comment({ text: 'Why?\nReally?' })] };
    expect(shown(review).slice(5, 9)).toEqual([
      '     2 +const two = 22;',
      '     3 +new',
      '       ┌ to send, line 2-3: Why?',
      '       │ Really?',
    ]);
    const moved = load(parseDiff(text.replace('@@ -1,4 +1,5 @@', '@@ -101,4 +101,5 @@')), null);
    expect(shown(review, new Map(), moved)[7]).toBe('       ┌ to send, line 2-3: Why?');
    const gone = load(parseDiff(text.replace('+new', '+newer')), null);
    expect(shown(review, new Map(), gone)[2]).toBe('       ┌ to send, line 2-3: Why?');
  });

  test('a comment is about lines of one hunk, on the side where they are', () => {
    expect(comment()).toMatchObject({ path: 'src/a.js', side: 'new', from: 2, to: 3 });
    expect(commentOn(loaded, at('-gone'), at('-gone'))).toMatchObject({ side: 'old', from: 20, quote: ['-gone'] });
    expect(commentOn(loaded, at('-const two = 2;'), at('+new'))?.quote).toHaveLength(3);
    expect(commentOn(loaded, at(' four'), at('-gone'))).toBeNull();
    expect(commentOn(loaded, at('+come'), at('-{"a": 1}'))).toBeNull();
    expect(commentOn(loaded, 5, 2)).toBeNull();
  });

  test('marks the words that differ in lines that belong together', () => {
    const body = layOutBody(loaded, noReview, new Map());
    const look = { loaded, body, review: noReview, shift: 0 };
    const words = (line: string) =>
      bodyRow(look, body.rows.indexOf(at(line)), span(' '))
        .filter(({ tone }) => tone.endsWith('-word'))
        .map(one => one.text);
    // Two lines stand against one here: nothing says which of them is the new version.
    expect(words('+const two = 22;')).toEqual([]);
    expect(words('-gone')).toEqual([]);
  });
});

describe('words that differ', () => {
  test('are found in both versions of a line', () => {
    const found = wordDiff('  return a + b;', '  return Number(a) + b;');
    const changed = (parts: readonly { text: string; changed: boolean }[] | undefined) =>
      parts?.filter(part => part.changed).map(part => part.text);
    expect(found?.before.map(part => part.text).join('')).toBe('  return a + b;');
    expect(found?.after.map(part => part.text).join('')).toBe('  return Number(a) + b;');
    expect(changed(found?.before)).toEqual([]);
    expect(changed(found?.after)?.join('')).toContain('Number(');
  });

  test('are not looked for where two lines have nothing in common, or are endless', () => {
    expect(wordDiff('alpha beta', 'gamma delta')).toBeNull();
    expect(wordDiff('x '.repeat(2000), 'y '.repeat(2000))).toBeNull();
  });
});
