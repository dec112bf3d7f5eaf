import { createHash } from 'node:crypto';
import type { Oid } from '../../../domain/ids.ts';

/** The name that git gives an object of this kind and content in a repository whose names are as long as `like`. */
export function nameOf(kind: string, content: Buffer, like: Oid): Oid {
  const algorithm = like.length === 64 ? 'sha256' : 'sha1';
  return createHash(algorithm).update(`${kind} ${content.length}\0`).update(content).digest('hex');
}

/** True where an object of this kind and content has this name. Git itself takes what lies under a name on trust when it reads it. */
export function hasName(oid: Oid, kind: string, content: Buffer): boolean {
  return nameOf(kind, content, oid) === oid;
}
