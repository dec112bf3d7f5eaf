import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { CmError, messageOf } from '../../domain/errors.ts';
import type { Caller, CallersPort } from '../../ports/callers.ts';

const proofName = /^[0-9a-f]{32}$/;

/**
 * Who a client is. Node does not tell which process is at the other end of a socket, so the client says its number and proves it: it
 * opens a file that was made for it alone, which `/proc` shows among that process's open files.
 */
export class Introduction {
  caller: Caller = { kind: 'unknown', why: 'it has not identified itself' };
  readonly #stateDir: string;
  readonly #callers: CallersPort;
  #proof: { readonly file: string; readonly pid: number } | null = null;

  constructor(stateDir: string, callers: CallersPort) {
    this.#stateDir = stateDir;
    this.#callers = callers;
  }

  /** The client says that it is process `pid`. Returns the name of the file that it is to open for writing. */
  identify(pid: number): string {
    this.end();
    const name = randomBytes(16).toString('hex');
    const file = path.join(proofFolder(this.#stateDir), name);
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    fs.closeSync(fs.openSync(file, 'wx', 0o600));
    this.#proof = { file, pid };
    return name;
  }

  /** The client says that it has opened the file. */
  async prove(): Promise<Caller> {
    const proof = this.#proof;
    if (proof === null) throw new CmError('No proof was asked for: identify first.', 2);
    this.caller = await this.#callerBehind(proof).catch(error => ({ kind: 'unknown', why: messageOf(error) }) as const);
    this.end();
    return this.caller;
  }

  async #callerBehind({ file, pid }: { readonly file: string; readonly pid: number }): Promise<Caller> {
    const holder = await this.#callers.holderOf(file, pid);
    if (holder === null) return { kind: 'unknown', why: `process ${pid} cannot be inspected from here` };
    return this.#callers.callerOf(holder);
  }

  end(): void {
    if (this.#proof !== null) fs.rmSync(this.#proof.file, { force: true });
    this.#proof = null;
  }
}

/** Opens the file by which this process proves who it is; it is closed again by its descriptor. */
export function openProof(stateDir: string, name: string): number {
  if (!proofName.test(name))
    throw new CmError('The cm-tui that owns this repository asks for an unknown kind of proof: update both.', 3);
  const { O_WRONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  return fs.openSync(path.join(proofFolder(stateDir), name), O_WRONLY | O_NOFOLLOW | O_NONBLOCK);
}

/** Removes what clients of a coordinator that was killed have left. */
export function forgetProofs(stateDir: string): void {
  const folder = proofFolder(stateDir);
  for (const name of fs.existsSync(folder) ? fs.readdirSync(folder) : []) {
    if (proofName.test(name)) fs.rmSync(path.join(folder, name), { force: true });
  }
}

function proofFolder(stateDir: string): string {
  return path.join(stateDir, 'callers');
}
