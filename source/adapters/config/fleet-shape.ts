import * as z from 'zod/mini';
import type { FleetSettings } from '../../domain/fleet/settings.ts';
import { byteCount } from './values.ts';

const poolName = () => z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,31}$/));
const word = () => z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/));

/** What may stand in `fleet`, any part of it. */
export function fleetSchema() {
  return z.object({
    engine: z.exactOptional(z.nullable(z.string().check(z.regex(/^(rediss?|postgres(ql)?):\/\/\S+$/)))),
    depot: z.exactOptional(z.nullable(z.string().check(z.minLength(1)))),
    pools: z.exactOptional(
      z.record(
        poolName(),
        z.object({ labels: z.exactOptional(z.array(word())), memory: z.exactOptional(byteCount()) }),
      ),
    ),
    local: z.exactOptional(z.boolean()),
    lostAfter: z.exactOptional(z.number().check(z.minimum(30))),
    retryLost: z.exactOptional(z.int().check(z.minimum(0))),
    log: z.exactOptional(z.enum(['tail', 'full'])),
    insecure: z.exactOptional(z.boolean()),
  });
}

/** Completes "must be" for each part. */
export const fleetWords: Readonly<Record<keyof FleetSettings, string>> = {
  engine: 'a URL that begins with redis://, rediss:// or postgres://, or null',
  depot: 'the path or URL of a bare repository, or null',
  pools: 'an object of pools by name, each with `labels` and `memory`',
  local: 'true or false',
  lostAfter: 'a number of seconds, at least 30',
  retryLost: 'a whole number, 0 for never',
  log: '"tail" or "full"',
  insecure: 'true or false',
};
