import { landPages } from './help-pages/land.ts';
import { lookPages } from './help-pages/look.ts';
import type { HelpPage } from './help-pages/page.ts';
import { setUpPages } from './help-pages/set-up.ts';
import { workPages } from './help-pages/work.ts';

/** By command; `cm-tui` itself stands under the empty name. Every command has one: the tests see to it. */
export const helpPages: Readonly<Record<string, HelpPage>> = {
  ...workPages,
  ...lookPages,
  ...landPages,
  ...setUpPages,
};
