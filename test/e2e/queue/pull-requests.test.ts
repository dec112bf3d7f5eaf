import { expect, it } from 'vitest';
import { withForge } from '../../helpers/programs/fake-forge.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';

interface Status {
  readonly instances: readonly {
    readonly key: string;
    readonly state: string;
    readonly landedAs: { readonly oid: string; readonly style: string; readonly by: string } | null;
    readonly pr: {
      readonly number: number;
      readonly url: string;
      readonly state: string;
      readonly checks: object;
    } | null;
  }[];
}

it('an approval by policy opens the pull request, and a squash of it on the forge completes the item', async () => {
  const { product, pulls, change, inBare, squash } = withForge(
    temporaryProduct({
      items: [{ id: 'US-041', files: ['out/**'] }],
      settings: { landing: 'pr', fetch: 'base', checks: ['true'], pollSeconds: 1 },
    }),
  );
  const before = product.git('rev-parse', 'roadmap');
  const first = await product.run('start', '--headless', '--auto', '--approve', 'clean', '--exit-when-idle');
  expect(first.stderr).toContain('PR #12');
  const one = async () => (await product.json<Status>('status', '--json')).instances[0];
  expect(await one()).toMatchObject({
    key: 'US-041',
    state: 'queued',
    landedAs: null,
    pr: { number: 12, state: 'open', checks: { passed: 0, failed: 0, pending: 0 } },
  });
  // Nothing moved here, and the branch stands there.
  expect(product.git('rev-parse', 'roadmap')).toBe(before);
  expect(inBare('rev-parse', 'roadmap-041')).toBe(product.git('rev-parse', 'roadmap-041'));
  expect(pulls()).toMatchObject([{ head: 'roadmap-041', base: 'roadmap', title: 'US-041: Work of US-041' }]);
  expect(pulls()[0]?.body).toMatch(/US-041[\s\S]*The checks passed on the merge\.[\s\S]*Cm-Task: US-041/);
  // Asked for it again, it is the same one.
  expect((await product.run('pr', 'US-041')).stdout).toContain('pull/12');
  expect(pulls()).toHaveLength(1);

  change(12, { statusCheckRollup: [{ status: 'COMPLETED', conclusion: 'SUCCESS' }] });
  const running = product.start('start', '--headless', '--auto', '--approve', 'clean');
  await running.event(({ type }) => type === 'pr-changed');
  expect((await product.run('pr')).stdout).toContain('PR #12 ✓ 1/1');
  const merged = squash(12);
  const landed = await running.event(({ type }) => type === 'landed');
  expect(landed).toMatchObject({ candidate: merged });
  running.kill('SIGTERM');
  await running.exit;
  expect(await one()).toMatchObject({
    state: 'merged',
    landedAs: { oid: merged, by: 'other' },
    pr: { state: 'merged' },
  });
  expect(product.git('rev-parse', 'roadmap')).toBe(merged);
});
