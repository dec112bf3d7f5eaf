import { join } from 'node:path';
import type { Oid } from '../../../domain/ids.ts';
import { syncAll } from '../../regular-file.ts';

/** Packs are on disk as soon as git shows them; files of single objects are not. Those that are not there lie in a pack. */
export async function syncLoose(commonDir: string, oids: readonly Oid[]): Promise<void> {
  const names = oids.map(oid => join(oid.slice(0, 2), oid.slice(2)));
  const folders = new Set(oids.map(oid => oid.slice(0, 2)));
  await syncAll([...names, ...folders].map(name => join(commonDir, 'objects', name)));
}
