import { describe, expect, it } from 'vitest';
import { type SimulationResult, simulate } from '../helpers/world/simulate.ts';

/** More with CM_TUI_SIMULATION_RUNS; others with CM_TUI_SIMULATION_SEED. A failing seed is named with the command to see it again. */
const runs = Number(process.env.CM_TUI_SIMULATION_RUNS ?? 300);
const first = Number(process.env.CM_TUI_SIMULATION_SEED ?? 1);
const perTest = 50;

describe('a world with faults', () => {
  const total = {
    worlds: 0,
    steps: 0,
    turns: 0,
    crashes: 0,
    landed: 0,
    movedBack: 0,
    reverted: 0,
    stacked: 0,
    milliseconds: 0,
  };

  for (let start = first; start < first + runs; start += perTest) {
    const end = Math.min(start + perTest, first + runs);
    it(`keeps every promise and comes to rest with everything landed: seeds ${start} to ${end - 1}`, () => {
      for (let seed = start; seed < end; seed++) {
        const began = performance.now();
        const { steps, turns, crashes, landed, movedBack, reverted, stacked } = simulate(seed);
        total.milliseconds += performance.now() - began;
        total.worlds++;
        total.steps += steps;
        total.turns += turns;
        total.crashes += crashes;
        total.landed += landed;
        total.movedBack += movedBack;
        total.reverted += reverted;
        total.stacked += stacked;
      }
    });
  }

  it('was full of faults, and full of work', () => {
    const { worlds, steps, turns, crashes, landed, movedBack, reverted, stacked, milliseconds } = total;
    const speed = (count: number) => `${Math.round(count / (milliseconds / 1000))} a second`;
    console.log(
      `${worlds} worlds, ${steps} steps (${speed(steps)}), ${turns} turns of the coordinator (${speed(turns)}), ${crashes} crashes, ${landed} landings, ${movedBack} moved back, ${reverted} reverted, ${stacked} stacked`,
    );
    expect(worlds).toBe(runs);
    expect(steps).toBeGreaterThan(worlds * 100);
    expect(crashes).toBeGreaterThan(worlds);
    expect(landed).toBeGreaterThan(worlds);
    if (worlds < 100) return;
    expect(movedBack).toBeGreaterThan(worlds / 30);
    expect(reverted).toBeGreaterThan(worlds / 30);
    expect(stacked).toBeGreaterThan(worlds / 50);
  });

  it('is the same world whenever the seed is the same', () => {
    const trace = (): [string[], SimulationResult] => {
      const lines: string[] = [];
      return [lines, simulate(7, line => lines.push(line))];
    };
    const [lines, result] = trace();
    expect(trace()).toEqual([lines, result]);
    expect(lines.length).toBeGreaterThan(50);
  });
});
