import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crashReport } from '../../source/cli/screen/crash.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));
const reports = (dir: string) => readdirSync(dir).filter(name => name.startsWith('crash-'));

test('says what happened in one sentence and keeps the rest in a private file', () => {
  const dir = temporaryFolder();
  const error = new Error('it broke', { cause: new TypeError('because of this') });
  const told = crashReport(error, dir, at(0));
  expect(told).toMatchObject({ exitCode: 1 });
  expect(told.message).toMatch(/^cm-tui crashed \(it broke\)\. The agents keep running [^\n]*crash-/);
  const [name = ''] = reports(dir);
  expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
  const text = readFileSync(join(dir, name), 'utf8');
  expect(text).toContain('Error: it broke\n');
  expect(text).toContain('TypeError: because of this');
});

test('keeps the last ten', () => {
  const dir = temporaryFolder();
  for (let minute = 0; minute < 14; minute++) crashReport(new Error(`n${minute}`), dir, at(minute));
  const texts = reports(dir).map(name => readFileSync(join(dir, name), 'utf8'));
  expect(texts).toHaveLength(10);
  expect(texts.some(text => text.includes('n3\n'))).toBe(false);
  expect(texts.some(text => text.includes('n13\n'))).toBe(true);
});

test('escapes and secrets of whatever was thrown stay out of the sentence', () => {
  const told = crashReport(`\u001b[31mno sk-${'a1'.repeat(20)}`, temporaryFolder(), at(0)).message;
  expect(told).not.toMatch(/\u001b|a1a1/);
  expect(told).toContain('[redacted]');
});

test('says it all the same where no file can be written', () => {
  const dir = join(temporaryFolder(), 'file');
  writeFileSync(dir, '');
  expect(crashReport(new Error('it broke'), join(dir, 'state')).message).not.toContain('crash-');
});
