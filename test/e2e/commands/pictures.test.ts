import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Terminal } from '@xterm/headless';
import { describe, expect, it } from 'vitest';
import { palette, readScreen, type Screen, textOf } from '../../../scripts/lib/cells.ts';
import { drawPicture, drawRecording } from '../../../scripts/lib/picture.ts';
import { cell } from '../../../scripts/lib/shapes.ts';
import { newEmulator } from '../../helpers/programs/terminal.ts';
import { expectWellFormed } from '../../helpers/xml.ts';

const pictures = fileURLToPath(new URL('../../../docs/pictures/', import.meta.url));
const csi = '\u001b[';

async function screenOf(text: string, columns = 20, rows = 3): Promise<Screen> {
  const terminal: Terminal = newEmulator({ columns, rows }, true);
  await new Promise<void>(resolve => terminal.write(text, resolve));
  return readScreen(terminal);
}

describe('a picture of a terminal', () => {
  it('reads colours, weight and inverse of the cells, and mixes what is dim', async () => {
    const screen = await screenOf(
      `${csi}1;32mgood${csi}0m ${csi}2mdim${csi}0m ${csi}7minv${csi}0m${csi}4mline${csi}0m`,
    );
    const [green, , dim, , inverse, underlined] = screen.rows[0] ?? [];
    expect(green).toMatchObject({ column: 0, width: 4, style: { ink: palette.ansi[2], bold: true, ground: null } });
    expect(dim?.style.ink).not.toBe(palette.ink);
    expect(inverse?.style).toMatchObject({ ink: palette.ground, ground: palette.ink });
    expect(underlined?.style.underline).toBe(true);
    const direct = await screenOf(`${csi}38;2;1;2;3mA${csi}38;5;196mB${csi}38;5;244mC`);
    expect(direct.rows[0]?.slice(0, 3).map(run => run.style.ink)).toEqual(['#010203', '#ff0000', '#808080']);
  });

  it('gives every text its exact columns and draws lines and blocks as shapes', async () => {
    const screen = await screenOf('┏━━━┓ ab cd   e\r\n┃ ✓ ┃ 見x\r\n╰██▁┛');
    const svg = drawPicture(screen, 'Frames');
    expectWellFormed(svg);
    const texts = [...svg.matchAll(/<text x="([\d.]+)"[^>]* textLength="([\d.]+)"[^>]*>([^<]*)</g)].map(
      ([, x, length, text]) => [text, Number(x), Number(length)],
    );
    const at = (column: number) => Math.round((14 + column * cell.width) * 100) / 100;
    const long = (columns: number) => Math.round(columns * cell.width * 100) / 100;
    expect(texts).toEqual([
      ['ab cd', at(6), long(5)],
      ['e', at(14), long(1)],
      ['✓', at(2), long(1)],
      ['見', at(6), long(2)],
      ['x', at(8), long(1)],
    ]);
    expect(svg).not.toMatch(/[┏━┓┃╰█▁┛]/);
    // The two full blocks are one rectangle.
    expect(svg).toContain(`width="${long(2)}" height="${cell.height}"`);
  });

  it('lets nothing that was printed become mark-up', async () => {
    const svg = drawPicture(await screenOf('</text><b> & "x"'), '<title> & more');
    expectWellFormed(svg);
    expect(svg).toContain('&lt;/text&gt;&lt;b&gt; &amp; &quot;x&quot;');
    expect(svg).toContain('<title>&lt;title&gt; &amp; more</title>');
  });
});

describe('a recording', () => {
  it('shows each frame for its time, and keeps a row that stays only once', async () => {
    const frames = [
      { screen: await screenOf('same\r\none'), lasts: 1, caption: 'first' },
      { screen: await screenOf('same\r\ntwo'), lasts: 2, caption: 'second' },
      { screen: await screenOf('same\r\ntwo\r\nlast'), lasts: 1, caption: 'second' },
    ];
    const svg = drawRecording(frames, 'Three frames');
    expectWellFormed(svg);
    expect(svg.split('>same<')).toHaveLength(2);
    expect(svg.split('>two<')).toHaveLength(2);
    expect(svg).toContain('@keyframes v0-1{0%{visibility:visible}25%{visibility:hidden}}');
    expect(svg).toContain('@keyframes v1-3{0%{visibility:hidden}25%{visibility:visible}}');
    expect(svg).toContain('@keyframes v2-3{0%{visibility:hidden}75%{visibility:visible}}');
    expect(svg).toContain('animation:v0-1 4s step-end infinite');
    // Where nothing moves, the last frame alone is seen.
    expect(svg).toMatch(/\.v0-1\{visibility:hidden;/);
    expect(svg).not.toMatch(/\.v1-3\{visibility:hidden;/);
    expect(svg).toContain('prefers-reduced-motion');
  });
});

describe('the pictures of the README', () => {
  const names = readdirSync(pictures).filter(name => name.endsWith('.svg'));

  it('are all there', () => {
    const wanted = ['approval', 'diff', 'help', 'log', 'narrow', 'overview', 'recording', 'timeline'];
    expect(names.sort()).toEqual(wanted.map(name => `${name}.svg`));
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    const shown = [...readme.matchAll(/docs\/pictures\/([\w-]+\.svg)/g)].map(([, name = '']) => name);
    expect(shown.length).toBeGreaterThan(0);
    for (const name of shown) expect(existsSync(`${pictures}${name}`), name).toBe(true);
  });

  it.each(names)('%s is whole, small and tells nothing of the machine it was made on', name => {
    const svg = readFileSync(`${pictures}${name}`, 'utf8');
    expectWellFormed(svg);
    expect(svg.length).toBeLessThan(name === 'recording.svg' ? 400_000 : 100_000);
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(
      /https?:|<script|@import|\/home\/|\/tmp\/(?!shop)/,
    );
  });

  it('show four agents at work, and a run from the first key to the last landing', () => {
    const words = (name: string) => readFileSync(`${pictures}${name}.svg`, 'utf8').replaceAll(/<[^>]*>/g, ' ');
    expect(words('overview').match(/running since/g)).toHaveLength(4);
    expect(words('recording')).toMatch(/S: the work loop[\s\S]*five have landed/);
  });
});

it('text of a row is what a person reads', async () => {
  const screen = await screenOf('a 見 b', 8, 1);
  expect(textOf(screen.rows[0] ?? []).trimEnd()).toBe('a 見 b');
});
