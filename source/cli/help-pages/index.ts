import { fleetPages } from './fleet.ts';
import { inspectPages } from './inspect.ts';
import { landPages } from './land.ts';
import type { HelpPage } from './page.ts';
import { setUpPages } from './setup.ts';
import { workPages } from './work.ts';

/** By command; the empty name is `cm-tui` itself. A test checks that every command has a page. */
export const helpPages: Readonly<Record<string, HelpPage>> = {
  ...workPages,
  ...inspectPages,
  ...landPages,
  ...setUpPages,
  ...fleetPages,
};
