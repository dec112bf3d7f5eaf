import { type Instance, isAlive } from '../../domain/instance.ts';
import { type Line, span } from '../presentation/line.ts';
import { sparkline } from '../presentation/meters.ts';
import { plural } from '../presentation/text.ts';
import { bytes } from '../presentation/time.ts';
import { memoryStep, processorStep, type Used } from '../usage-trail.ts';

const trailWidth = 6;

/**
 * What the processes of a run use, for the frame of its pane: CPU with its last readings, and memory. One full core is the highest
 * step.
 */
export function usageLine(instance: Instance, used: Used | undefined): Line {
  if (used === undefined || used.count === 0 || !isAlive(instance.state)) return [];
  const { cpuTrail } = used;
  return [span(`${processor(used)} ${sparkline(cpuTrail, trailWidth)} ${memory(used)}`, 'dim')];
}

/** Minimum columns of a list's cell for each form of resource use: the title beside it stays readable. */
const roomy = 44;
const normal = 28;
const tight = 18;

/**
 * The same for the list of items, at the right end of a cell of `width` columns. Every part has a fixed width, so that nothing moves
 * when a number grows. Memory, then everything, is left out on a narrow screen.
 */
export function usageCell(used: Used, width: number): Line {
  // Between its start and the first reading nothing is known.
  if (width < tight || used.count === 0) return [];
  const trail = sparkline(used.cpuTrail, width >= roomy ? 8 : 4);
  const numbers =
    width < normal ? processor(used).padStart(6) : `${processor(used).padStart(6)} ${memory(used).padStart(6)}`;
  return [span(` ${trail}${numbers}`, 'dim')];
}

function processor({ cpuPercent }: Used): string {
  return `${Math.round(cpuPercent / processorStep) * processorStep} %`;
}

function memory({ memoryBytes }: Used): string {
  return bytes(Math.ceil(memoryBytes / memoryStep) * memoryStep);
}

/** The same as a sentence: `5 processes, 65 % of a core ▁▃▆, 336 MB`. */
export function usageWords(used: Used): string {
  const trail = used.cpuTrail.length < 2 ? '' : ` ${sparkline(used.cpuTrail, used.cpuTrail.length)}`;
  return `${plural(used.count, 'process', 'processes')}, ${processor(used)} of a core${trail}, ${memory(used)}`;
}
