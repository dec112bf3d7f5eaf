/** How a branch becomes part of its target: a merge commit, one squashed commit, its commits replayed on the tip, or its own commits as they are. */
export const landingStyles = ['merge', 'squash', 'rebase', 'ff'] as const;

export type LandingStyle = (typeof landingStyles)[number];

/** `pr`: somebody merges a pull request on the forge; nothing is moved here. */
export const landingWays = [...landingStyles, 'pr'] as const;

export type LandingWay = (typeof landingWays)[number];

/** Trailers that `trailers` may ask for. */
export const trailerNames = ['Signed-off-by', 'Change-Id'] as const;

export type TrailerName = (typeof trailerNames)[number];

/** Hooks of the user's that a landing may run. */
export const hookNames = ['commit-msg', 'pre-merge-commit', 'post-merge'] as const;

export type HookName = (typeof hookNames)[number];

/** The hooks that the setting `landingHooks` means. */
export function hooksToRun(setting: boolean | readonly HookName[]): readonly HookName[] {
  if (typeof setting === 'boolean') return setting ? hookNames : [];
  return setting;
}

/** The way in which an item lands: its own, where the ROADMAP names one, or the repository's. */
export function landingWayOf(
  settings: { readonly landing: LandingWay; readonly squash: boolean },
  item: { readonly landing?: LandingWay } | undefined,
): LandingWay {
  if (item?.landing !== undefined) return item.landing;
  return settings.landing === 'merge' && settings.squash ? 'squash' : settings.landing;
}

/** The style of what is built for it. A pull request is tried, checked and shown as a merge. */
export function styleOfWay(way: LandingWay): LandingStyle {
  return way === 'pr' ? 'merge' : way;
}

/** The style that a candidate was built in; older journals tell of a squash alone. */
export function styleOfCandidate({
  style,
  squash,
}: {
  readonly style?: LandingStyle;
  readonly squash?: boolean;
}): LandingStyle {
  return style ?? (squash === true ? 'squash' : 'merge');
}

/** What a template of a message may name. */
export interface MessageValues {
  readonly key: string;
  readonly title: string;
  /** What the agent said of its work; empty: nothing. */
  readonly summary: string;
  readonly branch: string;
}

/** A template with its values in it. A value is never read as a template itself. */
export function fillTemplate(template: string, values: MessageValues): string {
  return template.replace(/\{(key|title|summary|branch)\}/g, (_, name: keyof MessageValues) => values[name]);
}

/** The `**Landing**:` of an item; undefined: it names none of the ways. */
export function readLandingWay(text: string): LandingWay | undefined {
  const word = /[a-z-]+/i.exec(text)?.[0].toLowerCase();
  if (word === 'fast-forward') return 'ff';
  return landingWays.find(way => way === word);
}
