import { system } from '../../system/system.ts';

/**
 * Ends what is left in our own process group, except ourselves and the shell above us. For a program that stands between a run's shim and
 * what it has started.
 */
export async function endGroup(): Promise<void> {
  const { table } = system();
  const self = await table.read(process.pid);
  if (self === null) return;
  for (const entry of await table.list()) {
    if (entry.group !== self.group || entry.pid === process.pid || entry.pid === process.ppid) continue;
    try {
      process.kill(entry.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
