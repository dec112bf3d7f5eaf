import { describe, expect, test } from 'vitest';
import { redact } from '../../source/domain/text/redact.ts';

describe('what people hand on holds no secrets', () => {
  test.each([
    ['a key', `failed with sk-${'a1'.repeat(20)} in the header`],
    ['a personal token', `git said ghp_${'Z9'.repeat(18)}`],
    ['a cloud key', 'AKIAIOSFODNN7EXAMPLE was refused'],
    ['a temporary cloud key', 'ASIAIOSFODNN7EXAMPLE was refused'],
    ['a key of a registry', `npm_${'Z9'.repeat(18)}`],
    ['a key of a payment service', `sk_live_${'Z9'.repeat(12)}`],
    ['a bearer of any kind', 'Authorization: Bearer Z9Z9Z9Z9Z9Z9Z9Z9Z9'],
    ['a signed token', 'Bearer eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.c2lnbmF0dXJl'],
    ['user and password of an address', 'fetching https://ada:hunter2@example.org/shop.git'],
  ])('%s', (_, text) => {
    const shown = redact(text, {});
    expect(shown).toContain('[redacted]');
    expect(shown).not.toMatch(/sk-a1|Z9|IOSFOD|eyJhbG|hunter2/);
  });

  test('values of variables whose name says so, the longest first', () => {
    const environment = { MY_API_KEY: 'plainwords', OTHER_SECRET: 'plainwords-and-more', HOME: '/home/ada' };
    expect(redact('plainwords-and-more, plainwords in /home/ada', environment)).toBe(
      '[redacted], [redacted] in /home/ada',
    );
  });

  test('a key of several lines is taken out line by line', () => {
    const key = `-----BEGIN PRIVATE KEY-----\n${'Ab'.repeat(32)}\n${'Cd'.repeat(20)}\n-----END PRIVATE KEY-----\n`;
    for (const line of key.split('\n').slice(0, 3))
      expect(redact(`> ${line}`, { DEPLOY_KEY: key })).toBe('> [redacted]');
  });

  test.each(['DB_PASS', 'SECRET2', 'apiToken', 'GPG_PASSPHRASE', 'KEY_OF_SHOP'])('%s names a secret', name => {
    expect(redact('it is plainwords', { [name]: 'plainwords' })).toBe('it is [redacted]');
  });

  test.each([
    ['KEYBOARD', 'plainwords'],
    ['COMPASS', 'plainwords'],
    ['TOKENIZER', 'plainwords'],
    ['DEPLOY_KEY', '/home/ada/.ssh/plainwords'],
    ['APPLICATION_CREDENTIALS', '/data/plainwords.json'],
  ])('%s=%s is no secret', (name, value) => {
    expect(redact(`it is ${value}`, { [name]: value })).toBe(`it is ${value}`);
  });

  test('a value that only begins like a path is one', () => {
    expect(redact('it is /pl4in+words/x', { API_KEY: '/pl4in+words/x' })).toBe('it is [redacted]');
  });

  test('a value too short to be a secret takes no words away', () => {
    expect(redact('a test of one', { TOKEN: 'test' })).toBe('a test of one');
  });

  test.each(['sk-!', 'eyJ.', 'a://b ', 'ghp_!', 'AKIA ', 'bearer ', 'sk_live_'])(
    'a megabyte of %j stays as it is',
    part => {
      const text = part.repeat(250_000);
      expect(redact(text, {})).toBe(text);
    },
  );
});
