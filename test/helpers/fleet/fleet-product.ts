import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { programOf, startRedis, type TestEngine } from '../programs/engines.ts';
import { createProduct, type Product, type ProductOptions, type Running } from '../programs/product.ts';

/** Why a test of real workers cannot run here; null: it can. */
export const noFleet = programOf('redis-server') === null ? 'redis-server is not installed' : null;

const made: { readonly product: Product; readonly engine: TestEngine }[] = [];

afterEach(async ({ task }) => {
  for (const { product, engine } of made.splice(0)) {
    if (task.result?.state === 'fail') console.error(product.said());
    product.cleanup();
    await engine.stop();
  }
});

/** The document of `cm-tui fleet --json`, as far as tests read it. */
export interface FleetReport {
  readonly machines: number;
  readonly slots: number;
  readonly atWork: number;
  readonly workers: readonly {
    readonly name: string;
    readonly word: string;
    readonly accepted: boolean;
    readonly fingerprint: string;
    readonly running: readonly string[];
  }[];
}

/** A run as `status --json` has it. */
export interface RunReport {
  readonly key: string;
  readonly slug: string;
  readonly state: string;
  readonly reason: string | null;
  readonly commits: number;
}

/** A product whose agents run on workers, each a program of its own with a folder of its own. */
export interface FleetProduct extends Product {
  readonly engine: TestEngine;
  readonly joinLine: string;
  readonly depot: string;
  /** Starts a worker, for the first time or again. */
  worker(name: string, ...more: string[]): Running;
  folderOf(worker: string): string;
  fleet(): Promise<FleetReport>;
  runs(): Promise<readonly RunReport[]>;
  /** Waits until it is heard of, and accepts it. */
  accept(...names: string[]): Promise<void>;
  /** Waits until a run of that key is in one of these states. */
  until(key: string, ...states: string[]): Promise<RunReport>;
}

const patience = { timeout: 60_000, interval: 200 };

export async function fleetProduct(options: Partial<ProductOptions> = {}): Promise<FleetProduct> {
  const engine = await startRedis();
  const items = [{ id: 'US-041', files: ['out/US-041.txt'] }];
  const product = createProduct({ items, ...options });
  made.push({ product, engine });
  const settings = { ...options.settings, fleet: { engine: engine.url, local: false, lostAfter: 30 } };
  product.configure(settings);
  const init = await product.run('fleet', 'init');
  const joinLine = /worker --join '([^']+)'/.exec(init.stdout)?.[1];
  if (joinLine === undefined) throw new Error(`no line to join with: ${init.stdout}${init.stderr}`);
  const folderOf = (name: string) => join(product.base, 'workers', name);
  const fleet = () => product.json<FleetReport>('fleet', '--json');
  const runs = async () => (await product.json<{ instances: RunReport[] }>('status', '--json')).instances;
  return {
    ...product,
    engine,
    joinLine,
    depot: join(product.root, '.git/cm-tui/depot.git'),
    folderOf,
    fleet,
    runs,
    worker(name, ...more) {
      const dir = folderOf(name);
      const agents = { script: { command: join(product.base, 'agent.sh') } };
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      const file = join(dir, 'worker.json');
      writeFileSync(file, JSON.stringify({ agents, ...(readKept(file) ?? {}) }));
      return product.start('worker', '--join', joinLine, '--name', name, '--dir', dir, ...more);
    },
    async accept(...names) {
      for (const name of names) {
        await expect.poll(async () => (await fleet()).workers.map(one => one.name), patience).toContain(name);
        const { code, stderr } = await product.run('fleet', 'accept', name, '--yes');
        if (code !== 0) throw new Error(stderr);
      }
    },
    async until(key, ...states) {
      let found: RunReport | undefined;
      const look = async () => {
        found = (await runs()).findLast(one => one.key === key);
        return states.includes(found?.state ?? '');
      };
      await expect.poll(look, { ...patience, message: `${key} never came to ${states.join(' or ')}` }).toBe(true);
      if (found === undefined) throw new Error('unreachable');
      return found;
    },
  };
}

function readKept(file: string): object | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
