import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach } from 'vitest';

const made: string[] = [];

afterEach(() => {
  for (const dir of made.splice(0)) fs.rmSync(dir, { recursive: true, force: true });
});

/** A fresh folder (its real path), removed after the test. */
export function temporaryFolder(): string {
  const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'cm-tui-test-')));
  made.push(dir);
  return dir;
}

/** Every file under a folder with its bytes in hex: equal before and after means that nothing was touched. */
export function contentsOf(dir: string): Readonly<Record<string, string>> {
  const names = fs.readdirSync(dir, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  return Object.fromEntries(
    names
      .map(entry => path.join(entry.parentPath, entry.name))
      .sort()
      .map(file => [path.relative(dir, file), fs.readFileSync(file).toString('hex')]),
  );
}
