import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProduct, type Product } from '../../helpers/programs/product.ts';
import { isLong } from '../../helpers/tiers.ts';
import { expectWellFormed } from '../../helpers/xml.ts';

interface Document {
  readonly runs: readonly {
    readonly key: string;
    readonly state: string;
    readonly segments: readonly { readonly kind: string; readonly from: string; readonly to: string | null }[];
    readonly waits: readonly { readonly code: string; readonly onKey: string }[];
  }[];
  readonly criticalPath: readonly { readonly key: string; readonly after: { readonly code: string } | null }[];
  readonly speedup: { readonly factor: number };
}

let product: Product;

beforeEach(() => {
  product = createProduct({
    items: [
      { id: 'US-001', files: ['out/US-001.txt'] },
      { id: 'US-002', files: ['out/US-002.txt'], dependsOn: ['US-001'] },
    ],
  });
});

afterEach(() => product.cleanup());

describe('cm-tui timeline', () => {
  it('says in words where nothing has run, and draws nothing', async () => {
    const words = await product.run('timeline');
    expect(words).toMatchObject({ code: 0, stderr: '' });
    expect(words.stdout).toContain('Nothing has run yet. Start an item with "cm-tui spawn ID"');
    expect(await product.json('timeline', '--json')).toMatchObject({ runs: [], criticalPath: [], from: null });
    const file = join(product.base, 'none.svg');
    const drawn = await product.run('timeline', '--svg', file);
    expect(drawn).toMatchObject({ code: 1, stdout: '' });
    expect(drawn.stderr).toContain('No timeline to draw');
    expect(existsSync(file)).toBe(false);
  });

  it('shows bars, the wait for the dependency, the critical path and the figure of status', async () => {
    const path = 'docs/roadmap/ROADMAP.md';
    product.write(path, product.read(path).replace('Work of US-002', '<script>alert(1)</script> & "two" ]]> &amp;'));
    product.commit('A title that is no title');
    expect(await product.run('start', '--headless', '--approve', 'clean', '--exit-when-idle')).toMatchObject({
      code: 0,
    });

    const document = await product.json<Document>('timeline', '--json');
    expect(document.runs.map(({ key, state }) => [key, state])).toEqual([
      ['US-001', 'merged'],
      ['US-002', 'merged'],
    ]);
    expect(document.runs[0]?.segments.map(one => one.kind)).toEqual(expect.arrayContaining(['running', 'landing']));
    expect(document.runs[1]?.waits).toMatchObject([{ code: 'dependency', onKey: 'US-001' }]);
    expect(document.runs[1]?.segments[0]?.kind).toBe('waiting');
    expect(document.criticalPath).toMatchObject([
      { key: 'US-001', after: null },
      { key: 'US-002', after: { code: 'dependency' } },
    ]);
    const { speedup } = await product.json<{ speedup: object }>('status', '--json');
    expect(document.speedup).toEqual(speedup);

    const { stdout } = await product.run('timeline');
    expect(stdout).toMatch(/» US-001 +.*█.* ✓ landed/);
    expect(stdout).toMatch(/» US-002 +·.*█.* ✓ landed/);
    expect(stdout).toContain('Critical path');
    for (const row of stdout.split('\n')) expect([...row].length).toBeLessThanOrEqual(100);

    const file = join(product.base, 'report.svg');
    expect(await product.run('timeline', '--svg', file)).toMatchObject({ code: 0, stderr: '' });
    const svg = readFileSync(file, 'utf8');
    expectWellFormed(svg);
    expect(svg).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;two&quot;');
    expect(svg).toContain('prefers-color-scheme:dark');
    // Nothing of it comes from outside.
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|<script|href|@import|url\(|@font-face/i);
    expect((await product.run('timeline', '--svg', '-')).stdout).toContain('US-002');
  });

  it.runIf(isLong)('names the file that cannot be written', async () => {
    await product.run('start', '--headless', '--approve', 'clean', '--exit-when-idle');
    const refused = await product.run('timeline', '--svg', join(product.base, 'no/such/folder/t.svg'));
    expect(refused).toMatchObject({ code: 3, stdout: '' });
    expect(refused.stderr).toMatch(/^Cannot write the timeline: .*no\/such\/folder.*\n$/);
  });
});
