import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { findProgram } from '../../../source/agents/launch/probe.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome'];
const env = { ...process.env, PATH: [process.env.PATH, '/usr/bin'].join(delimiter) };
const browser = names.map(name => findProgram(name, { env, cwd: '/' })).find(found => found !== null) ?? null;

if (browser === null)
  console.log('Skipped: the HTML report in a browser. Neither chromium nor google-chrome is installed.');

test.skipIf(browser === null)(
  'the HTML report is one file that a browser shows whole, without scripts and network',
  async () => {
    const one = temporaryProduct({ items: [{ id: 'US-041', files: ['out/**'], extra: '<script>alert(1)</script>' }] });
    await one.run('start', '--headless', '--auto', '--approve', 'clean', '--exit-when-idle');
    const file = join(one.base, 'report.html');
    expect(await one.run('report', '--html', file)).toMatchObject({ code: 0 });
    const text = readFileSync(file, 'utf8');
    expect(text).not.toMatch(/<script|<link|<img|@import|url\(|src=/);

    const flags = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--virtual-time-budget=2000',
    ];
    // Whatever it asked the network for would fail, and be missing from what it shows.
    const offline = ['--host-resolver-rules=MAP * ~NOTFOUND', `--user-data-dir=${join(one.base, 'browser')}`];
    const shown = execFileSync(browser ?? '', [...flags, ...offline, '--dump-dom', pathToFileURL(file).href], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const rows = [...shown.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row = '']) => row.replaceAll(/<[^>]*>/g, ' '));
    expect(rows.some(row => /script +1 /.test(row))).toBe(true);
    expect(rows.some(row => /US-041 +landed +1 /.test(row))).toBe(true);
    // Both pictures became elements of the page.
    expect(shown.match(/<rect class="work"/g)?.length).toBeGreaterThan(1);
    expect(shown.match(/<\/svg>/g)).toHaveLength(2);
  },
);
