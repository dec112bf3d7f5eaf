import { CmError } from '../../domain/errors.ts';

/** Queues of one coordinator; its id is part of each, so that several can share an engine. */
export const queues = {
  runs: (coordinator: string, pool: string) => `cm-runs-${coordinator}-${pool}`,
  host: (coordinator: string, worker: string) => `cm-host-${coordinator}-${worker}`,
  reports: (coordinator: string) => `cm-reports-${coordinator}`,
  beats: (coordinator: string) => `cm-beats-${coordinator}`,
} as const;

/** What a worker has to know to join: where to listen, whom to obey, and which depot to use. */
export interface Join {
  readonly engine: string;
  readonly depot: string;
  /** Public key of the coordinator. */
  readonly key: string;
}

/** One line for a person to carry to another machine. Whoever has it may ask for runs, so it is a secret where the engine's URL is. */
export function joinLine({ engine, depot, key }: Join): string {
  return `${engine}#depot=${encodeURIComponent(depot)}&key=${key}`;
}

export function parseJoin(line: string): Join {
  const [engine = '', rest = ''] = line.split('#');
  const values = new URLSearchParams(rest);
  const [depot, key] = [values.get('depot'), values.get('key')];
  if (!/^(rediss?|postgres(ql)?):\/\/\S+$/.test(engine) || depot === null || key === null || !/^[\w-]{43}$/.test(key))
    throw new CmError(
      'That is not a line to join with. Copy all of it from "cm-tui fleet init" on the coordinator.',
      2,
    );
  return { engine, depot, key };
}

/** Throws where an engine on another machine would be spoken to in the clear. */
export function requireSafe(engine: string, insecure: boolean): void {
  const { hostname, protocol, searchParams } = new URL(engine);
  const isHere = ['127.0.0.1', 'localhost', '[::1]', ''].includes(hostname);
  const isSafe = protocol === 'rediss:' || searchParams.get('sslmode') === 'verify-full';
  if (isHere || isSafe || insecure) return;
  throw new CmError(
    'The engine is on another machine and its URL asks for no TLS. Use rediss:// or sslmode=verify-full, or set fleet.insecure to true.',
    2,
  );
}
