import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import type { Oid } from '../../../domain/ids.ts';
import type { GitContext } from '../context.ts';
import { isOid } from './refs.ts';
import { type GitOutput, gitReason } from './run.ts';

/** An object as git stores it, apart from its name. */
export interface StoredObject {
  readonly kind: string;
  readonly content: Buffer;
}

/** An object that is to be written. */
export interface NewObject extends StoredObject {
  readonly kind: 'commit' | 'tree' | 'blob';
}

/** Objects by any name that git understands, in order; null for one that is not there. One start of git. */
export async function readObjects(context: GitContext, names: readonly string[]): Promise<(StoredObject | null)[]> {
  const call = { cwd: context.home, args: ['cat-file', '--batch'], input: `${names.join('\n')}\n` };
  const { stdout } = await context.git.run(call);
  let at = 0;
  return names.map(() => {
    const end = stdout.indexOf(10, at);
    const [, kind = '', size = ''] =
      /^[0-9a-f]+ (\w+) (\d+)$/.exec(stdout.toString('utf8', at, Math.max(end, at))) ?? [];
    if (kind === '') {
      at = end + 1;
      return null;
    }
    const content = stdout.subarray(end + 1, end + 1 + Number(size));
    at = end + 1 + Number(size) + 1;
    return { kind, content };
  });
}

/** A loose object larger than this is left to git. */
const mostBytes = 64 * 1024 * 1024;

/**
 * An object that lies in a file of its own, as everything does that was made a moment ago; read without a start of git. What the file
 * holds has to have the object's name. Null: it is packed, lies elsewhere, or is not what it should be; git tells then.
 */
export function looseObject(context: GitContext, oid: Oid): StoredObject | null {
  if (!isOid(oid)) return null;
  try {
    const file = join(context.place.commonDir, 'objects', oid.slice(0, 2), oid.slice(2));
    const bytes = inflateSync(readFileSync(file), { maxOutputLength: mostBytes });
    const end = bytes.indexOf(0);
    const [, kind = '', size = ''] = /^([a-z]+) (\d+)$/.exec(bytes.toString('latin1', 0, Math.max(end, 0))) ?? [];
    const content = bytes.subarray(end + 1);
    if (Number(size) !== content.length || createHash(algorithmOf(oid)).update(bytes).digest('hex') !== oid)
      return null;
    return { kind, content };
  } catch {
    return null;
  }
}

/** The hash that names objects in a repository that has this name in it. */
export function algorithmOf(oid: Oid): 'sha1' | 'sha256' {
  return oid.length === 64 ? 'sha256' : 'sha1';
}

export function nameOf({ kind, content }: NewObject, algorithm: 'sha1' | 'sha256'): Oid {
  return createHash(algorithm).update(`${kind} ${content.length}\0`).update(content).digest('hex');
}

/**
 * Writes objects, on disk when it returns, with one start of git and one wait for the disk however many they are: as a pack that git
 * takes apart again. Null: done; otherwise git's reason.
 */
export async function writeObjects(
  context: GitContext,
  objects: readonly NewObject[],
  algorithm: 'sha1' | 'sha256',
): Promise<string | null> {
  const input = packOf(objects, algorithm);
  const output: GitOutput = await context.git.run({
    cwd: context.home,
    args: ['unpack-objects', '-q'],
    input,
    durable: true,
  });
  return output.code === 0 ? null : gitReason(output);
}

const packTypes = { commit: 1, tree: 2, blob: 3 } as const;

/** Header, each object as type and length in groups of seven bits (the first has four) and its deflated bytes, and a hash of it all. */
function packOf(objects: readonly NewObject[], algorithm: 'sha1' | 'sha256'): Buffer {
  const header = Buffer.alloc(12);
  header.write('PACK', 'latin1');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(objects.length, 8);
  const parts = [
    header,
    ...objects.flatMap(({ kind, content }) => [sizeOf(kind, content.length), deflateSync(content)]),
  ];
  const body = Buffer.concat(parts);
  return Buffer.concat([body, createHash(algorithm).update(body).digest()]);
}

function sizeOf(kind: NewObject['kind'], length: number): Buffer {
  const bytes: number[] = [];
  let rest = Math.floor(length / 16);
  let byte = packTypes[kind] * 16 + (length % 16);
  while (rest > 0) {
    bytes.push(byte + 128);
    byte = rest % 128;
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, byte]);
}
