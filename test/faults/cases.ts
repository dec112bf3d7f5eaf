import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { committingAgent, type Product, type ProductOptions, type Running } from '../helpers/programs/product.ts';
import { temporaryProduct } from '../helpers/programs/temporary-product.ts';
import { headless } from './invariants.ts';

/** A repository with the items US-041, US-042 … of one file each; it and all processes of its runs are gone after the test. */
export function shopOf(count: number, options: Partial<ProductOptions> = {}): Product {
  const items = Array.from({ length: count }, (_, at) => `US-04${at + 1}`).map(id => ({
    id,
    files: [`out/${id}.txt`],
  }));
  return temporaryProduct({ items, ...options });
}

/** An agent that works until it is let go. */
export const waiting = `until [ -e "$(dirname "$0")/go" ]; do sleep 0.05; done\n${committingAgent}`;
export const letGo = (one: Product): void => writeFileSync(join(one.base, 'go'), '');

/** An agent that does the script for one item and good work for the others. */
export function only(key: string, script: string): string {
  return `if [ "$CM_KEY" = ${key} ]; then\n${script}\nelse\n${committingAgent}\nfi`;
}

export interface Seen {
  readonly key: string;
  readonly state: string;
  readonly reason: string | null;
  readonly exitCode: number | null;
}

/** What `status` tells of each item's latest run. */
export async function seen(one: Product): Promise<Readonly<Record<string, Seen>>> {
  const { instances } = await one.json<{ readonly instances: readonly Seen[] }>('status', '--json');
  return Object.fromEntries(instances.map(instance => [instance.key, instance]));
}

/** Keys of what has landed, in order. */
export function landedKeys(one: Product): readonly string[] {
  const subjects = one.git('log', '--merges', '--format=%s', 'roadmap').split('\n').filter(Boolean);
  return subjects.map(subject => subject.split(' ')[1] ?? '').sort();
}

/** An owner that goes on until it is told to leave, with `count` agents at work. */
export async function atWork(one: Product, count: number): Promise<Running> {
  const owner = one.start('start', '--headless', '--approve', 'clean');
  await owner.event(() => owner.events.filter(({ type }) => type === 'instance-started').length === count);
  return owner;
}

export async function leave(owner: Running): Promise<void> {
  owner.kill('SIGTERM');
  await owner.exit;
}

/** An owner with its agents at work, killed, so that the next start meets what a test has made of them. */
export async function leftAlone(one: Product, count: number): Promise<void> {
  const owner = one.start(...headless);
  await owner.event(() => owner.events.filter(({ type }) => type === 'instance-started').length === count);
  owner.kill('SIGKILL');
  await owner.exit;
}

/** Where the worktree of a run stands. */
export const worktreeOf = (one: Product, slug = '041'): string => `${one.root}-wt${slug}`;
