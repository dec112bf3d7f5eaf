import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import type { Activity } from '../../domain/timeline/activity.ts';
import { isMissing, openRegular } from '../regular-file.ts';

/** The journal is compacted to its fold; what happened stays readable in this file of the state folder, and in the one before it. */
const names = { current: 'activity.jsonl', previous: 'activity.jsonl.1' } as const;

/** Bytes after which the file becomes the previous one. */
const rotateAbove = 4 * 1024 * 1024;
/** Lines that wait for a disk that cannot be written. */
const mostWaiting = 1000;

const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = fs.constants;

const shape = z.looseObject({
  seq: z.int(),
  ts: z.string(),
  type: z.string(),
  key: z.nullable(z.string()),
  level: z.enum(['info', 'warning', 'error']),
  text: z.nullable(z.string()),
  runId: z.exactOptional(z.string()),
});

/** Writes the activity log. A line that cannot be written waits for the next one; nothing depends on it. */
export class ActivityWriter {
  readonly #file: string;
  readonly #previous: string;
  #waiting: string[] = [];

  constructor(dir: string) {
    this.#file = path.join(dir, names.current);
    this.#previous = path.join(dir, names.previous);
  }

  append(activity: Activity): void {
    this.#waiting.push(`${JSON.stringify(activity)}\n`);
    try {
      this.#rotate();
      const fd = fs.openSync(this.#file, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
      try {
        fs.writeSync(fd, this.#waiting.join(''));
      } finally {
        fs.closeSync(fd);
      }
      this.#waiting = [];
    } catch {
      this.#waiting = this.#waiting.slice(-mostWaiting);
    }
  }

  #rotate(): void {
    const size = fs.lstatSync(this.#file, { throwIfNoEntry: false })?.size ?? 0;
    if (size > rotateAbove) fs.renameSync(this.#file, this.#previous);
  }
}

/** Reads the activity log as it grows: every call returns the lines that were written since the last one, whole lines only. */
export class ActivityReader {
  readonly #dir: string;
  #inode: number | null = null;
  #offset = 0;
  #rest = '';

  constructor(dir: string) {
    this.#dir = dir;
  }

  read(): readonly Activity[] {
    const found: Activity[] = [];
    const now = inodeOf(path.join(this.#dir, names.current));
    if (this.#inode === null) found.push(...parse(readFrom(path.join(this.#dir, names.previous), 0)));
    else if (now !== this.#inode) {
      // It was rotated: what was still unread is in the previous file, if that is the one we were reading.
      if (inodeOf(path.join(this.#dir, names.previous)) === this.#inode)
        found.push(...this.#take(readFrom(path.join(this.#dir, names.previous), this.#offset)));
      this.#offset = 0;
      this.#rest = '';
    }
    this.#inode = now;
    if (now === null) return found;
    const bytes = readFrom(path.join(this.#dir, names.current), this.#offset);
    this.#offset += bytes.length;
    return [...found, ...this.#take(bytes)];
  }

  #take(bytes: Buffer): readonly Activity[] {
    const text = this.#rest + bytes.toString('utf8');
    const end = text.lastIndexOf('\n') + 1;
    this.#rest = text.slice(end);
    return parse(text.slice(0, end));
  }
}

/** The last line of the activity log; null: there is none. */
export function lastActivity(dir: string): Activity | null {
  const file = path.join(dir, names.current);
  const size = fs.lstatSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const end = parse(readFrom(file, Math.max(0, size - tailBytes))).at(-1);
  return end ?? parse(readFrom(file, 0)).at(-1) ?? parse(readFrom(path.join(dir, names.previous), 0)).at(-1) ?? null;
}

/** Bytes in which the last line is looked for first. */
const tailBytes = 64 * 1024;

/** What can be read of these lines; others, half written or by somebody else, are passed over. */
function parse(text: Buffer | string): readonly Activity[] {
  return text
    .toString('utf8')
    .split('\n')
    .flatMap(line => {
      if (line === '') return [];
      try {
        return [shape.parse(JSON.parse(line)) as Activity];
      } catch {
        return [];
      }
    });
}

function readFrom(file: string, offset: number): Buffer {
  const fd = openRegular(file);
  if (fd === null) return Buffer.alloc(0);
  try {
    const size = Math.max(0, fs.fstatSync(fd).size - offset);
    const bytes = Buffer.alloc(size);
    return bytes.subarray(0, fs.readSync(fd, bytes, 0, size, offset));
  } finally {
    fs.closeSync(fd);
  }
}

function inodeOf(file: string): number | null {
  try {
    return fs.lstatSync(file).ino;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
