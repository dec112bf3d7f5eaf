import { createHash } from 'node:crypto';
import type { Oid } from '../../../domain/ids.ts';

/** True where an object of this kind and content has this name. Git itself takes what lies under a name on trust when it reads it. */
export function hasName(oid: Oid, kind: string, content: Buffer): boolean {
  const algorithm = oid.length === 64 ? 'sha256' : 'sha1';
  return createHash(algorithm).update(`${kind} ${content.length}\0`).update(content).digest('hex') === oid;
}
