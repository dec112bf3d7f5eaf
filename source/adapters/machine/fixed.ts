import { CmError } from '../../domain/errors.ts';
import type { MachinePort } from '../../ports/machine.ts';

/**
 * A machine that always reads the same, for tests that must not depend on what else runs: `CM_TUI_MACHINE=5,30` is 5 % CPU and 30 %
 * memory, with room on the disk. Null where the variable is not set.
 * @throws CmError (exit code 2) where it is set to anything else
 */
export function fixedMachine(value: string | undefined): MachinePort | null {
  if (value === undefined || value === '') return null;
  const [cpuPercent, memoryPercent, ...rest] = value.split(',').map(Number);
  if (!isPercent(cpuPercent) || !isPercent(memoryPercent) || rest.length > 0) {
    throw new CmError('CM_TUI_MACHINE takes two percentages, for example 5,30; unset it to read the real machine.', 2);
  }
  return { read: async () => ({ cpuPercent, memoryPercent, diskPercent: 20, freeDiskBytes: 2 ** 40 }) };
}

function isPercent(value: number | undefined): value is number {
  return value !== undefined && value >= 0 && value <= 100;
}
