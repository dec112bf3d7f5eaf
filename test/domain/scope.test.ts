import fc from 'fast-check';
import picomatch from 'picomatch';
import { describe, expect, test } from 'vitest';
import type { Scope } from '../../source/domain/item.ts';
import { ScopeIndex } from '../../source/domain/scope/scope-index.ts';
import {
  patternMatches,
  patternsOverlap,
  patternWithin,
  scopeCovers,
  scopesOverlap,
  sharedPaths,
} from '../../source/domain/scope.ts';

const known = (...paths: string[]): Scope => ({ kind: 'known', paths });
const unknown: Scope = { kind: 'unknown', paths: [] };

describe('overlap', () => {
  test.each([
    ['src/', 'src/a.ts', true],
    ['src', 'src/a.ts', true],
    ['src/a', 'src/ab', false],
    ['src/a/', 'src/ab/', false],
    ['src/**/*.ts', 'src/x/', true],
    ['src/**/*.ts', 'src/x/*.css', false],
    ['docs/*.md', 'docs/a/b.md', false],
    ['docs/*.md', 'docs/a.md', true],
    ['docs/*.md', 'docs/', true],
    ['docs/*.md', 'docs/[a-c].md', true],
    ['./src/a.ts', 'src/b/../a.ts', true],
    ['src\\a.ts', 'src/a.ts', true],
    ['README.md', 'readme.MD', true],
    ['src//a.ts/', '/src/a.ts', true],
    ['src/{a,b}.ts', 'src/b.ts', true],
    ['src/{a,b}.ts', 'src/c.ts', false],
    ['src/{a,b/{c,d}}/', 'src/b/d/x.ts', true],
    ['**/*.test.ts', 'src/app.test.ts', true],
    ['**/*.test.ts', 'src/app.ts', false],
    ['**/*.test.ts', 'src/', true],
    ['**/*.md', 'src/app.ts', false],
    ['src/app.ts', 'src/app.ts/x', true],
    ['src/*/index.ts', 'src/a/b/index.ts', false],
    ['src/a*.ts', 'src/*b.ts', true],
    ['src/a?.ts', 'src/a.ts', false],
    ['app/[id]/page.tsx', 'app/[id]/page.tsx', true],
    ['app/(shop)/page.tsx', 'app/(shop)/', true],
    ['src/@(a|b).ts', 'src/b.ts', true],
    ['*(a|b)b/**/!(a)', '?', true],
    ['.', 'anything/at/all.ts', true],
    ['', 'x', true],
    ['../other/x', 'src/', false],
    ['src/a.ts', 'src/a.ts.bak', false],
    ['caf\u00e9.md', 'cafe\u0301.md', true],
  ])('%s against %s: %s', (a, b, expected) => {
    expect(patternsOverlap(a, b)).toBe(expected);
    expect(patternsOverlap(b, a)).toBe(expected);
  });

  test('an unknown scope is independent of nothing', () => {
    expect(scopesOverlap(unknown, known('a'))).toBe(true);
    expect(scopesOverlap(known('a'), unknown)).toBe(true);
  });

  test('an empty known scope touches nothing', () => {
    expect(scopesOverlap(known(), known('src/'))).toBe(false);
  });

  test('a line break in a name is a letter like any other', () => {
    expect(scopeCovers(known('src/**'), 'src/a\nb.ts')).toBe(true);
    expect(scopeCovers(known('src/*.ts'), 'src/a\nb.ts')).toBe(true);
    expect(scopeCovers(known('src/', '!src/a*'), 'src/a\nb.ts')).toBe(false);
  });

  test('an exclusion alone leaves everything else', () => {
    expect(scopesOverlap(known('!docs/'), known('src/'))).toBe(true);
    expect(scopeCovers(known('!docs/'), 'src/a.ts')).toBe(true);
    expect(scopeCovers(known('!docs/'), 'docs/a.md')).toBe(false);
  });

  test('says what is shared', () => {
    expect(sharedPaths(known('docs/', 'src/'), known('src/a.ts'))).toBe('src/a.ts');
    expect(sharedPaths(known('src/*a.ts'), known('src/b*'))).toBe('src/*a.ts and src/b*');
    expect(sharedPaths(known('a'), known('b'))).toBe('');
  });

  test('hostile patterns end at once', () => {
    const stars = `${'*a'.repeat(60)}/${'**/'.repeat(40)}x`;
    expect(patternsOverlap(stars, `${'a*'.repeat(60)}/${'**/'.repeat(40)}y`)).toBe(false);
    expect(patternsOverlap('{a,b}'.repeat(30), 'zz')).toBe(true);
  });
});

describe('cover', () => {
  test.each([
    ['src/', 'src/x/y.ts', true],
    ['src', 'src/x/y.ts', true],
    ['src', 'srcs/x.ts', false],
    ['docs/*.md', 'docs/a.md', true],
    ['docs/*.md', 'docs/a/b.md', false],
    ['src/**/*.ts', 'src/a.ts', true],
    ['src/**', 'src/.hidden/x', true],
    ['app/[id]/page.tsx', 'app/[id]/page.tsx', true],
    ['app/(shop)/', 'app/(shop)/x.ts', true],
    ['app/[id]/*.tsx', 'app/[id]/page.tsx', true],
    ['app/[id]/*.tsx', 'app/i/page.tsx', true],
    ['src/{a,b}', 'src/b/x.ts', true],
    ['Docs/', 'docs/x', true],
  ])('%s covers %s: %s', (pattern, path, expected) => {
    expect(patternMatches(pattern, path)).toBe(expected);
  });

  test('an exclusion takes away', () => {
    expect(scopeCovers(known('src/', '!src/generated/'), 'src/generated/a.ts')).toBe(false);
    expect(scopeCovers(known('src/', '!src/generated/'), 'src/a.ts')).toBe(true);
  });
});

describe('within', () => {
  test.each([
    ['docs/a.md', 'docs/*.md', true],
    ['docs/a.md', 'docs/**', true],
    ['docs/dev/', 'docs/**', true],
    ['docs/', 'docs/dev/**', false],
    ['docs/**', 'docs/*.md', false],
    ['docs/*.md', 'docs/**', true],
    ['docs/*.md', 'docs/*', true],
    ['docs/*', 'docs/*.md', false],
    ['src/{a,b}.ts', 'src/*.ts', true],
    ['src/{a,b}.ts', 'src/a.ts', false],
    ['src/x.ts', 'src/[ab].ts', false],
  ])('%s within %s: %s', (inner, outer, expected) => {
    expect(patternWithin(inner, outer)).toBe(expected);
  });
});

const segment = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'ab', 'ba', 'aa') },
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      '*',
      '**',
      '?',
      'a*',
      '*b',
      'a?',
      '*a*',
      '[ab]',
      '[!a]',
      '[a-b]b',
      '{a,b}',
      '{a,b/a}',
      'a{,b}',
      '@(a|b)',
      '!(a)',
      '+(ab|a)',
      'a**',
      '**b',
      '(a)',
      '[ab]+',
      '(a)?b',
      '{a,{b,aa}}',
      '*(a|b)b',
      '[b',
      '[a]*',
    ),
  },
);
const pattern = fc.array(segment, { minLength: 1, maxLength: 4 }).map(parts => parts.join('/'));
const path = fc
  .array(fc.constantFrom('a', 'b', 'ab', 'ba', 'aa', 'abb'), { minLength: 1, maxLength: 5 })
  .map(parts => parts.join('/'));

describe('an index of scopes', () => {
  const scope = fc
    .array(
      fc.oneof(
        { weight: 3, arbitrary: pattern },
        path,
        path.map(one => `!${one}`),
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map(paths => known(...paths));

  test('finds what a comparison with each of them finds', () => {
    fc.assert(
      fc.property(fc.array(scope, { maxLength: 12 }), scope, (all, wanted) => {
        const index = new ScopeIndex<Scope>();
        for (const one of all) index.add(one, one);
        const found = new Set<Scope>();
        index.some(wanted, one => {
          found.add(one);
          return false;
        });
        expect(all.filter(one => found.has(one))).toEqual(all.filter(one => scopesOverlap(wanted, one)));
        expect(index.some(wanted, () => true)).toBe(found.size > 0);
        const shared = index.shared(wanted, () => true).map(({ source }) => source);
        const meets = (source: string) => all.some(one => scopesOverlap(known(source), one));
        expect(shared).toEqual(wanted.paths.some(one => !one.startsWith('!')) ? shared.filter(meets) : shared);
        expect(shared.length > 0).toBe(found.size > 0);
      }),
      { numRuns: 400 },
    );
  });

  test('leaves unknown scopes to whoever asks', () => {
    const index = new ScopeIndex<string>();
    index.add(unknown, 'unknown');
    index.add(known('src/'), 'src');
    expect(index.some(unknown, () => true)).toBe(false);
    expect(index.some(known('**'), one => one === 'unknown')).toBe(false);
    expect(index.some(known('src/a.ts'), one => one === 'src')).toBe(true);
  });
});

describe('against picomatch', () => {
  test('two patterns that match one path overlap', () => {
    fc.assert(
      fc.property(pattern, pattern, fc.array(path, { minLength: 5, maxLength: 20 }), (a, b, paths) => {
        const left = picomatch(a, { dot: true });
        const right = picomatch(b, { dot: true });
        const both = paths.filter(one => left(one) && right(one));
        return both.length === 0 || patternsOverlap(a, b);
      }),
      { numRuns: 3000 },
    );
  });

  test('two patterns that cover one path overlap, and each overlaps the path', () => {
    fc.assert(
      fc.property(pattern, pattern, fc.array(path, { minLength: 5, maxLength: 20 }), (a, b, paths) =>
        paths.every(one => {
          if (patternMatches(a, one) && !patternsOverlap(a, one)) return false;
          return !(patternMatches(a, one) && patternMatches(b, one)) || patternsOverlap(a, b);
        }),
      ),
      { numRuns: 2000 },
    );
  });

  test('a pattern within another matches nothing beyond it', () => {
    fc.assert(
      fc.property(pattern, pattern, fc.array(path, { minLength: 5, maxLength: 20 }), (a, b, paths) => {
        if (!patternWithin(a, b)) return true;
        const inner = picomatch(a, { dot: true });
        return paths.every(one => !inner(one) || patternMatches(b, one));
      }),
      { numRuns: 3000 },
    );
  });

  test('plain globs that share no path do not overlap', () => {
    const plain = fc
      .array(fc.constantFrom('a', 'b', '*', '**', 'a*', '*b', '?'), { minLength: 2, maxLength: 3 })
      .map(parts => `${parts.join('/')}.x`);
    const names = ['a', 'b', 'ab', 'aab', 'ba'];
    const depths = [names, names.flatMap(one => names.map(two => `${one}/${two}`))];
    const deep = depths[1]?.flatMap(one => names.map(two => `${one}/${two}`)) ?? [];
    const universe = [...depths.flat(), ...deep, ...deep.map(one => `a/${one}`)].map(one => `${one}.x`);
    fc.assert(
      fc.property(plain, plain, (a, b) => {
        if (/\*\*\.x/.test(a + b)) return true;
        const left = picomatch(a, { dot: true });
        const right = picomatch(b, { dot: true });
        return patternsOverlap(a, b) === universe.some(one => left(one) && right(one));
      }),
      { numRuns: 300 },
    );
  });
});
