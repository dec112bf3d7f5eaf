/** A settings file that is not as a person is known to have written or accepted it. */
export interface SettingsFileChange {
  /** Its name among the seals. */
  readonly name: string;
  /** Its path, raw. */
  readonly file: string;
  /** What it says now, as a seal; accepting it accepts exactly that. Null: it cannot be read, and so not be accepted. */
  readonly digest: string | null;
  /** False: what it said before is not known, so all that it says now is listed as added. */
  readonly wasKnown: boolean;
  /** What was removed (`- `) and added (`+ `), one value each, not sanitised. */
  readonly lines: readonly string[];
}

/** One value of a settings file: where it stands (`agents.script.command`, `checks[0]`) and what it is, as JSON. */
type Leaf = readonly [place: string, value: string];

/**
 * What two versions of settings say differently, by value: `- checks[0]: ["npm","test"]`, `+ checks[0]: ["true"]`. Nothing is shortened:
 * what is accepted has to be there to be read.
 */
export function settingsDifference(before: unknown, after: unknown): readonly string[] {
  const old = new Map(leavesOf(before, ''));
  const now = new Map(leavesOf(after, ''));
  const places = [...new Set([...old.keys(), ...now.keys()])].sort();
  return places.flatMap(place => {
    const [was, is] = [old.get(place), now.get(place)];
    if (was === is) return [];
    return [...(was === undefined ? [] : [`- ${place}: ${was}`]), ...(is === undefined ? [] : [`+ ${place}: ${is}`])];
  });
}

function leavesOf(value: unknown, place: string): readonly Leaf[] {
  if (Array.isArray(value) && value.some(isDeep)) return value.flatMap((one, at) => leavesOf(one, `${place}[${at}]`));
  if (!isDeep(value) || Array.isArray(value)) return place === '' ? [] : [[place, JSON.stringify(value)]];
  const entries = Object.entries(value as object);
  if (entries.length === 0 && place !== '') return [[place, '{}']];
  return entries.flatMap(([key, one]) => leavesOf(one, place === '' ? plain(key) : `${place}.${plain(key)}`));
}

function isDeep(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** A key as it is where it cannot be mistaken for two, else quoted. */
function plain(key: string): string {
  return /^[\w$-]+$/.test(key) ? key : JSON.stringify(key);
}
