import type { ThemeName } from '../domain/settings.ts';
import type { Tone } from './presentation/line.ts';

/** How a role looks: an ANSI colour by name, so that the terminal's own palette decides, and attributes. */
export interface TextStyle {
  readonly color?: 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'gray';
  readonly bold?: true;
  readonly dim?: true;
  readonly inverse?: true;
  readonly underline?: true;
}

export type Theme = Readonly<Record<Tone, TextStyle>>;

const standard: Theme = {
  plain: {},
  dim: { dim: true },
  strong: { bold: true },
  title: { bold: true },
  success: { color: 'green' },
  danger: { color: 'red', bold: true },
  warning: { color: 'yellow' },
  running: { color: 'blue', bold: true },
  hint: { color: 'cyan' },
  selected: { inverse: true },
  cursor: { underline: true, bold: true },
  added: { color: 'green' },
  removed: { color: 'red' },
  'added-word': { color: 'green', inverse: true },
  'removed-word': { color: 'red', inverse: true },
  match: { color: 'yellow', inverse: true },
  frame: { dim: true },
  'frame-focus': { color: 'cyan', bold: true },
};

/** Built-in themes by the name of the setting `theme`. */
export const themes: Readonly<Record<ThemeName, Theme>> = {
  /** For dark backgrounds; readable on light ones too, though yellow and cyan are pale there. */
  default: standard,
  /** For light backgrounds: no yellow and no cyan. */
  light: {
    ...standard,
    warning: { color: 'magenta' },
    hint: { color: 'blue' },
    running: { color: 'blue' },
    match: { color: 'magenta', inverse: true },
    'frame-focus': { color: 'blue', bold: true },
  },
  /** Low vision and poor displays: nothing is dimmed. */
  contrast: {
    ...standard,
    dim: {},
    frame: {},
    warning: { color: 'yellow', bold: true },
    success: { color: 'green', bold: true },
    hint: { bold: true },
  },
  /** Good and bad differ in blue and yellow, which everybody can tell apart, never in green and red. */
  colorblind: {
    ...standard,
    success: { color: 'cyan' },
    danger: { color: 'yellow', bold: true, underline: true },
    added: { color: 'cyan' },
    removed: { color: 'yellow' },
    'added-word': { color: 'cyan', inverse: true },
    'removed-word': { color: 'yellow', inverse: true, underline: true },
    warning: { color: 'yellow' },
    hint: { color: 'blue', bold: true },
    running: { bold: true },
    'frame-focus': { color: 'blue', bold: true },
  },
  /** No colour at all: also what NO_COLOR asks for. */
  mono: {
    ...standard,
    success: {},
    danger: { bold: true, underline: true },
    added: {},
    removed: {},
    'added-word': { bold: true, underline: true },
    'removed-word': { inverse: true },
    warning: { underline: true },
    running: { bold: true },
    hint: { bold: true },
    match: { inverse: true, bold: true },
    'frame-focus': { bold: true },
  },
};

/** The theme of that name; `NO_COLOR` (set to anything) and a terminal without colours win over it. */
export function chooseTheme(name: ThemeName, environment: Readonly<Record<string, string | undefined>>): Theme {
  const colourless = (environment.NO_COLOR ?? '') !== '' || environment.TERM === 'dumb';
  return themes[colourless ? 'mono' : name];
}
