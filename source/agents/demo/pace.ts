import { setTimeout as sleep } from 'node:timers/promises';

/** Spreads a run over its time, and fills it with lines if asked for. */
export interface Pace {
  /** Resolves when that share (0 to 1) of the time has passed; at once if it already has. */
  until(share: number): Promise<void>;
  /** Never resolves, and keeps the program alive. */
  forEver(): Promise<never>;
}

/** How often lines are written if asked for: often enough to look steady. */
const burstMs = 50;
const longestSleepMs = 0x7fffffff;

export function createPace(seconds: number, linesPerSecond: number, write: (text: string) => void): Pace {
  const start = performance.now();
  const flood = createFlood(linesPerSecond, start, write);
  return {
    async until(share) {
      const end = start + seconds * 1000 * share;
      for (let rest = end - performance.now(); rest > 0; rest = end - performance.now()) {
        await sleep(flood === null ? Math.min(rest, longestSleepMs) : Math.min(rest, burstMs));
        flood?.();
      }
    },
    async forEver() {
      for (;;) {
        await sleep(flood === null ? longestSleepMs : burstMs);
        flood?.();
      }
    },
  };
}

function createFlood(linesPerSecond: number, start: number, write: (text: string) => void): (() => void) | null {
  if (linesPerSecond === 0) return null;
  let written = 0;
  return () => {
    const due = Math.floor(((performance.now() - start) / 1000) * linesPerSecond);
    let burst = '';
    for (; written < due; written += 1) burst += `${JSON.stringify({ type: 'say', text: `line ${written + 1}` })}\n`;
    if (burst !== '') write(burst);
  };
}
