import { expect, it } from 'vitest';
import { initialState } from '../../source/coordinator/update.ts';
import type { Instance } from '../../source/domain/instance.ts';
import { defaultSettings } from '../../source/domain/settings.ts';
import { newsBetween, notifyTerminal, titleOf } from '../../source/ui/terminal/title.ts';
import { makeInstance, makeItem } from '../helpers/core/planning.ts';

const evil = '\u001b]52;c;cm0=\u0007\u009d0;owned\u009c';

it('title and notices hold nothing of what an agent or a repository wrote (S2)', () => {
  const hostile: Partial<Instance> = { key: evil, title: evil, slug: `041${evil}`, agent: evil, reason: evil };
  const state = (instance: Instance) => ({ ...initialState(defaultSettings), instances: [instance] });
  const one = makeInstance(makeItem('US-041', { title: evil, heading: evil }), hostile);
  const before = state(one);
  const after = state({ ...one, state: 'failed' });
  const written: string[] = [titleOf(before), titleOf(after)];
  const news = newsBetween(before, after);
  expect(news).toHaveLength(1);
  const sink = {
    write: (text: string) => {
      written.push(text);
      return true;
    },
  };
  notifyTerminal(sink, { bell: true, desktop: true }, news);
  const all = written.join('\n');
  expect(all).not.toContain('owned\u009c');
  expect(all).not.toContain('\u001b]52');
  expect(all).not.toContain('\u009d');
  expect(all).toContain('\u001b]9;cm-tui: 041');
});
