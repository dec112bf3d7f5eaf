import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { joinLine, parseJoin, requireSafe } from '../../../source/adapters/fleet/names.ts';
import { fingerprintOf, loadSigner, openSealed } from '../../../source/adapters/fleet/sign.ts';
import { reportSchema } from '../../../source/adapters/fleet/wire.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

it('proves who has said something, and nothing of what was changed since', () => {
  const file = join(temporaryFolder(), 'fleet', 'key.pem');
  const signer = loadSigner(file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(loadSigner(file).publicKey).toBe(signer.publicKey);
  const other = loadSigner(join(temporaryFolder(), 'other.pem'));
  const sealed = signer.seal({ what: 'ended' });
  expect(openSealed(sealed)).toEqual({ body: { what: 'ended' }, key: signer.publicKey });
  for (const forged of [
    { ...sealed, body: '{"what":"claimed"}' },
    { ...sealed, key: other.publicKey },
    { ...sealed, sig: other.seal({ what: 'ended' }).sig },
    { ...sealed, sig: 'x' },
    { ...sealed, v: 2 },
    null,
    'ended',
    {},
  ])
    expect(openSealed(forged)).toBeNull();
  expect(fingerprintOf(signer.publicKey)).toMatch(/^([0-9a-f]{4}-){4}[0-9a-f]{4}$/);
});

it('reads a line to join with as it was printed, and nothing else', () => {
  const { publicKey } = loadSigner(join(temporaryFolder(), 'key.pem'));
  const join1 = { engine: 'rediss://user:p%40ss@box:6380/2', depot: '/srv/a depot.git', key: publicKey };
  expect(parseJoin(joinLine(join1))).toEqual(join1);
  for (const line of ['', 'redis://box', `http://box#depot=/d&key=${publicKey}`, 'redis://box#depot=/d&key=short'])
    expect(() => parseJoin(line)).toThrow('not a line to join with');
});

it.each([
  ['redis://127.0.0.1:6379', false, true],
  ['redis://[::1]:6379', false, true],
  ['redis://box:6379', false, false],
  ['redis://box:6379', true, true],
  ['rediss://box:6379', false, true],
  ['postgres://cm@box/db', false, false],
  ['postgres://cm@box/db?sslmode=require', false, false],
  ['postgres://cm@box/db?sslmode=verify-full', false, true],
])('speaks with %s (insecure: %s): %s', (url, insecure, may) => {
  if (may) expect(() => requireSafe(url, insecure)).not.toThrow();
  else expect(() => requireSafe(url, insecure)).toThrow('no TLS');
});

it.each([
  ['a foreign run', { runId: '../../etc' }],
  ['a negative number', { epoch: -1 }],
  ['a worker that is a path', { worker: '../w' }],
  ['a head that is a ref', { said: { what: 'ended', head: 'refs/heads/main' } }],
])('drops %s', (_, change) => {
  const ended = { exitCode: 0, lost: null, limit: null, head: null, dirty: [], operation: null, tail: '' };
  const good = { v: 1, seq: 1, runId: 'abcdefgh12345678', epoch: 1, worker: 'w1', said: { what: 'ended', ...ended } };
  expect(reportSchema.safeParse(good).success).toBe(true);
  const said = 'said' in change ? { ...good.said, ...change.said } : good.said;
  expect(reportSchema.safeParse({ ...good, ...change, said }).success).toBe(false);
});
