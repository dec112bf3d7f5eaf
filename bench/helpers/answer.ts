import type { RunningScreen } from '../../test/helpers/render-at.tsx';

/** Longer than the frame rate holds a frame back, so that each key is drawn at once. */
const restMs = 60;

/** Milliseconds from a key to the first byte of the frame that answers it. */
export async function answer(screen: RunningScreen, key: string): Promise<number> {
  const { written } = screen.terminal;
  await new Promise(resolve => setTimeout(resolve, restMs));
  const before = written.length;
  const began = performance.now();
  screen.press(key);
  while (written.length === before) {
    if (performance.now() - began > 5000) throw new Error(`The key ${key} changed nothing on the screen.`);
    await new Promise(resolve => setImmediate(resolve));
  }
  return performance.now() - began;
}
