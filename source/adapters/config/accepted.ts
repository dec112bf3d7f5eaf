import fs from 'node:fs';
import path from 'node:path';
import { type SettingsFileChange, settingsDifference } from '../../domain/settings/settings-difference.ts';
import { readRegular } from '../regular-file.ts';
import { type SealedPlaces, sealedFiles } from './seal.ts';
import { hashOf } from './trust.ts';

type Seals = Readonly<Record<string, string>>;

/**
 * Keeps what accepted settings files say, so that a later change can be shown: each under the digest by which it was accepted, which
 * also proves that nobody has changed the copy. Without a copy a change is shown without what was there before, so nothing fails here.
 */
export function keepAccepted(places: SealedPlaces, sealed: Seals): void {
  const folder = folderOf(places);
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const wanted = new Set(Object.values(sealed));
    for (const { text, digest } of sealedFiles(places)) {
      if (text === null || !wanted.has(digest) || keptText(folder, digest) !== null) continue;
      const made = path.join(folder, `${digest}.${process.pid}`);
      fs.rmSync(made, { force: true });
      fs.writeFileSync(made, text, { mode: 0o600, flag: 'wx' });
      fs.renameSync(made, path.join(folder, digest));
    }
    for (const name of fs.readdirSync(folder)) if (!wanted.has(name)) fs.rmSync(path.join(folder, name));
  } catch {
    // See above.
  }
}

/** Every settings file that does not say what was accepted last, read now. `sealed`: what was accepted. */
export function settingsChanges(places: SealedPlaces, sealed: Seals): readonly SettingsFileChange[] {
  return sealedFiles(places)
    .filter(({ name, digest }) => sealed[name] !== digest)
    .map(({ name, file, text, digest }) => {
      const before = keptText(folderOf(places), sealed[name] ?? '');
      const after = text === null ? {} : JSON.parse(text);
      return {
        name,
        file,
        digest: text === null ? null : digest,
        wasKnown: before !== null,
        lines: settingsDifference(before === null ? {} : JSON.parse(before), after),
      };
    });
}

function folderOf({ commonDir }: SealedPlaces): string {
  return path.join(commonDir, 'cm-tui', 'accepted');
}

function keptText(folder: string, digest: string): string | null {
  if (!/^[0-9a-f]{64}$/.test(digest)) return null;
  try {
    const bytes = readRegular(path.join(folder, digest), { most: 2 ** 21, followLinks: false });
    return bytes !== null && hashOf(bytes) === digest ? bytes.toString('utf8') : null;
  } catch {
    return null;
  }
}
