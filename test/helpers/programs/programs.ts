import { type ChildProcessByStdio, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach } from 'vitest';

const fixtures = fileURLToPath(new URL('../../fixtures/programs/', import.meta.url));
let folder: string | null = null;
const running = new Set<Program>();

afterEach(() => {
  for (const program of running) program.kill('SIGKILL');
});

afterAll(() => {
  if (folder !== null) fs.rmSync(folder, { recursive: true, force: true });
  folder = null;
});

/** Bundles `test/fixtures/programs/<name>.ts` so that any Node can run it; returns the path of the bundle. */
export async function bundleProgram(name: string): Promise<string> {
  folder ??= fs.mkdtempSync(path.join(os.tmpdir(), 'cm-tui-programs-'));
  fs.chmodSync(folder, 0o755);
  const outfile = path.join(folder, `${name}.mjs`);
  await build({
    entryPoints: [path.join(fixtures, `${name}.ts`)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outfile,
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'silent',
  });
  return outfile;
}

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
}

/** A started program whose lines of output can be waited for. Killed after the test if it is still there. */
export class Program {
  readonly lines: string[] = [];
  stderr = '';
  readonly pid: number;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #rest = '';
  #waiting: (() => void)[] = [];
  #over = false;

  constructor(command: readonly string[], options: ProgramOptions = {}) {
    const [file = '', ...args] = command;
    const { NODE_EXTRA_CA_CERTS: _slow, ...inherited } = process.env;
    this.#child = spawn(file, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...inherited, ...options.env },
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    });
    this.pid = this.#child.pid ?? 0;
    this.#child.stdin.on('error', () => undefined);
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    running.add(this);
    this.ended = new Promise(resolve => {
      this.#child.on('close', (code, signal) => {
        running.delete(this);
        this.#over = true;
        this.#wake();
        resolve({ code, signal });
      });
      this.#child.on('error', error => {
        this.stderr += error.message;
      });
    });
  }

  /** Resolves with the first line (from the start) that matches; rejects when the program ends without it. */
  async line(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = this.lines.find(line => pattern.test(line));
      if (found !== undefined) return found;
      if (this.#over) throw new Error(`ended without ${pattern}: ${this.lines.join('\n')}\n${this.stderr}`);
      await new Promise<void>(resolve => this.#waiting.push(resolve));
    }
  }

  write(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  #take(text: string): void {
    const parts = (this.#rest + text).split('\n');
    this.#rest = parts.pop() ?? '';
    this.lines.push(...parts);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
