import { afterEach, describe, expect, test } from 'vitest';
import { type ThemeName, themeNames } from '../../../source/domain/settings.ts';
import { paint } from '../../../source/ui/terminal/paint.ts';
import { chooseTheme } from '../../../source/ui/theme.ts';
import { type RunningScreen, screenAt } from '../../helpers/render-at.tsx';
import { busy } from '../pictures.ts';

let running: RunningScreen | null = null;

afterEach(async () => {
  await running?.end();
  running = null;
});

/** Parameters of every select-graphic-rendition sequence that was sent. */
function looksIn(written: string): ReadonlySet<string> {
  return new Set([...written.matchAll(/\u001b\[([\d;:]*)m/g)].map(([, parameters]) => parameters ?? ''));
}

const walked = new Map<string, Promise<string>>();

/** Everything a person sees in a walk through most views: each walk is made once. */
function walk(theme: ThemeName, environment: Readonly<Record<string, string>>): Promise<string> {
  const name = JSON.stringify([theme, environment]);
  const known = walked.get(name) ?? walkThrough(theme, environment);
  walked.set(name, known);
  return known;
}

async function walkThrough(theme: ThemeName, environment: Readonly<Record<string, string>>): Promise<string> {
  await running?.end();
  const screen = await screenAt(busy(), { columns: 120, rows: 40 }, { settings: { theme }, environment });
  running = screen;
  await screen.waitForText('Merge queue');
  for (const [keys, shown] of [
    ['/', 'Filter'],
    ['\u001b', 'Roadmap'],
    ['t', 'Timeline'],
    ['\u001b', 'Roadmap'],
    ['e', 'Events'],
    ['\u001b', 'Roadmap'],
    ['3l', 'following'],
    ['/failed\r', '1 line'],
    ['\u001b\u001b', 'Roadmap'],
    ['2jd', 'diff --git'],
    ['\u001b', 'Roadmap'],
    ['m', 'Land US-042'],
    ['\u001b', 'Roadmap'],
    ['?', 'Keys'],
    ['\u001b', 'Roadmap'],
    [':', 'Commands'],
  ] as const) {
    screen.press(keys);
    await screen.waitForText(shown);
  }
  return screen.terminal.written.join('');
}

/** Attributes and their ends, and the 16 colours as text and as ground. */
const sixteen = /^(?:0|1|2|4|7|22|24|27|39|49|3[0-7]|9[0-7]|4[0-7]|10[0-7])$/;
const colour = /^(?:3[0-8]|9[0-7]|4[0-8]|10[0-7])$/;

describe.each(themeNames)('the theme "%s"', theme => {
  test('uses the 16 colours of the terminal and nothing else', async () => {
    const looks = looksIn(await walk(theme, {}));
    expect([...looks].filter(one => !sixteen.test(one))).toEqual([]);
    expect([...looks].some(one => colour.test(one))).toBe(theme !== 'mono');
  });

  test('tells what has the focus, what is selected, found or dangerous from plain text', () => {
    const look = (tone: Parameters<typeof paint>[0][number]['tone']) =>
      paint([{ text: 'x', tone }], chooseTheme(theme, {}));
    for (const tone of ['strong', 'danger', 'warning', 'running', 'hint', 'selected', 'match', 'frame-focus'] as const)
      expect(look(tone), tone).not.toBe('x');
    expect(look('frame-focus')).not.toBe(look('frame'));
    expect(look('match')).not.toBe(look('selected'));
  });
});

test.each([
  ['NO_COLOR', { NO_COLOR: '1' }],
  ['a terminal without colours', { TERM: 'dumb' }],
])('%s wins over every theme', async (_, environment) => {
  const looks = looksIn(await walk('default', environment));
  expect([...looks].filter(one => colour.test(one))).toEqual([]);
});

test('light has no yellow and no cyan, colorblind no red and no green', async () => {
  const [light, colorblind] = [looksIn(await walk('light', {})), looksIn(await walk('colorblind', {}))];
  for (const one of ['33', '36', '93', '96']) expect(light).not.toContain(one);
  for (const one of ['31', '32', '91', '92']) expect(colorblind).not.toContain(one);
});
