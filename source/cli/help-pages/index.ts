import { lookPages } from './inspect.ts';
import { landPages } from './land.ts';
import type { HelpPage } from './page.ts';
import { setUpPages } from './setup.ts';
import { workPages } from './work.ts';

/** By command; `cm-tui` itself stands under the empty name. Every command has one: the tests see to it. */
export const helpPages: Readonly<Record<string, HelpPage>> = {
  ...workPages,
  ...lookPages,
  ...landPages,
  ...setUpPages,
};
