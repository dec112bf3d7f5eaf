import { describe, expect, test } from 'vitest';
import { redact } from '../../source/domain/redact.ts';

describe('what people hand on holds no secrets', () => {
  test.each([
    ['a key', `failed with sk-${'a1'.repeat(20)} in the header`],
    ['a personal token', `git said ghp_${'Z9'.repeat(18)}`],
    ['a cloud key', 'AKIAIOSFODNN7EXAMPLE was refused'],
    ['a signed token', 'Bearer eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.c2lnbmF0dXJl'],
    ['user and password of an address', 'fetching https://ada:hunter2@example.org/shop.git'],
  ])('%s', (_, text) => {
    const shown = redact(text, {});
    expect(shown).toContain('[redacted]');
    expect(shown).not.toMatch(/sk-a1|ghp_Z|AKIAIOS|eyJhbG|hunter2/);
  });

  test('values of variables whose name says so, the longest first', () => {
    const environment = { MY_API_KEY: 'plainwords', OTHER_SECRET: 'plainwords-and-more', HOME: '/home/ada' };
    expect(redact('plainwords-and-more, plainwords in /home/ada', environment)).toBe(
      '[redacted], [redacted] in /home/ada',
    );
  });

  test('a value too short to be a secret takes no words away', () => {
    expect(redact('a test of one', { TOKEN: 'test' })).toBe('a test of one');
  });

  test.each(['sk-!', 'eyJ.', 'a://b ', 'ghp_!', 'AKIA '])('a megabyte of %j stays as it is', part => {
    const text = part.repeat(250_000);
    expect(redact(text, {})).toBe(text);
  });
});
