import { join } from 'node:path';

/** Where the coordinator's key is kept. */
export function keyFile(stateDir: string): string {
  return join(stateDir, 'fleet', 'coordinator.pem');
}
