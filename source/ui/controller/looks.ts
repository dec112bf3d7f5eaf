import type { Settings } from '../../domain/settings.ts';

/** The settings that the screen itself goes by. */
export type ScreenSettings = Pick<Settings, 'theme' | 'mouse' | 'keys' | 'notify'>;

/**
 * What of them is in force after the coordinator's have changed: another process may own the repository, whose environment says something
 * else than ours, so that only what changes there is taken over.
 */
export function takeOver(own: ScreenSettings, before: Settings, now: Settings): ScreenSettings {
  if (before === now) return own;
  const { theme, mouse, keys, notify } = now;
  return {
    theme: theme === before.theme ? own.theme : theme,
    mouse: mouse === before.mouse ? own.mouse : mouse,
    keys: isSame(keys, before.keys) ? own.keys : keys,
    notify: isSame(notify, before.notify) ? own.notify : notify,
  };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
