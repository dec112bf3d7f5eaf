/** A seeded source of chance: the same seed always gives the same world. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** In 0 … limit - 1. */
  int(limit: number): number;
  chance(probability: number): boolean;
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
  /** Sixteen characters, as run ids are made of. */
  id(): string;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  const int = (limit: number) => Math.floor(next() * limit);
  return {
    next,
    int,
    chance: probability => next() < probability,
    pick<T>(list: readonly T[]): T {
      const picked = list[int(list.length)];
      if (picked === undefined && list.length === 0) throw new Error('nothing to pick from');
      return picked as T;
    },
    id() {
      const half = () =>
        Math.floor(next() * 36 ** 8)
          .toString(36)
          .padStart(8, '0');
      return half() + half();
    },
  };
}
