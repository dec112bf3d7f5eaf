import { CmError } from '../../domain/errors.ts';
import { linux } from './linux/linux.ts';
import type { System } from './port.ts';
import { portable } from './portable/portable.ts';

/** What this operating system is. */
export function nativeSystem(): System {
  return process.platform === 'linux' ? linux : portable;
}

/**
 * The system to ask. `CM_TUI_SYSTEM=portable` takes on Linux what other systems take, for tests; what tells agents from people asks
 * `nativeSystem`, so that no agent can choose how much is seen of it.
 * @throws CmError (exit code 2) where the variable says anything else
 */
export function system(): System {
  const wanted = process.env.CM_TUI_SYSTEM ?? '';
  if (wanted === '') return nativeSystem();
  if (wanted === 'portable') return portable;
  throw new CmError('CM_TUI_SYSTEM takes only "portable"; unset it to use what this system has.', 2);
}
