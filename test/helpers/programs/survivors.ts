import { readdirSync, readFileSync } from 'node:fs';
import type { Product } from './product.ts';

/** A process that bears the cookie of a run of this product's repository. */
export interface Bearer {
  readonly pid: number;
  readonly runId: string;
  readonly command: string;
}

/** Every living process that an agent or a check of this repository has started, however it has moved since. */
export function bearersOf(product: Pick<Product, 'base'>): readonly Bearer[] {
  const found: Bearer[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const environ = read(`/proc/${name}/environ`);
    const runId = /(?:^|\0)CM_RUN_ID=([^\0]+)/.exec(environ)?.[1];
    if (runId === undefined || !environ.includes(product.base) || isZombie(name)) continue;
    found.push({ pid: Number(name), runId, command: read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim() });
  }
  return found;
}

/** Ends everything that still bears a cookie of this repository. */
export function endBearers(product: Pick<Product, 'base'>): void {
  for (const { pid } of bearersOf(product)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** Seconds of processor time that a process has used; null when it is gone. */
export function processorTime(pid: number): number | null {
  const fields = read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
  return fields.length < 13 ? null : (Number(fields[11]) + Number(fields[12])) / 100;
}

export function isLiving(pid: number): boolean {
  return read(`/proc/${pid}/stat`) !== '' && !isZombie(String(pid));
}

/** Asks again until the answer is something; fails with what was waited for. */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  what: string,
  patienceMs = 30_000,
): Promise<Exclude<T, null | undefined | false | '' | 0>> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer as Exclude<T, null | undefined | false | '' | 0>;
    if (performance.now() > until) throw new Error(`waited in vain: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

function isZombie(pid: string): boolean {
  return / Z /.test(read(`/proc/${pid}/stat`).split(')').at(-1)?.slice(0, 4) ?? '');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
