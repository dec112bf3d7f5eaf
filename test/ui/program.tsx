import process from 'node:process';
import { defaultSettings } from '../../source/domain/settings.ts';
import { runScreen } from '../../source/ui/index.tsx';
import type { FakeHandle } from '../helpers/core/fake-handle.ts';
import { busy } from './pictures.ts';

/**
 * The screen as a program of its own over a coordinator in memory, for tests on a real terminal. `CM_TEST` says how it behaves:
 * `chatty` prints log lines without end, `crash` breaks while drawing when `s` is pressed.
 */
const behaviour = process.env.CM_TEST ?? '';
const handle = busy();
const runId = handle.state().instances[3]?.runId ?? '';

if (behaviour === 'chatty') {
  let line = 0;
  setInterval(() => handle.logs.append(runId, [`line ${++line} of many`]), 5).unref();
}
if (behaviour === 'crash') {
  handle.onCommand = () => {
    setTimeout(() => handle.set({ ...handle.state(), roadmap: { path: null, items: [broken()], problems: [] } }), 10);
    return { ok: true, message: 'about to break', runIds: [] };
  };
}

/** An item whose title cannot be read: stands for any error while a frame is drawn. */
function broken(): ReturnType<FakeHandle['state']>['roadmap']['items'][number] {
  const item = handle.state().roadmap.items[5];
  if (item === undefined) throw new Error('the picture has lost its items');
  return Object.defineProperty({ ...item }, 'title', {
    get: () => {
      throw new Error('broken on purpose');
    },
  });
}

try {
  const { reason } = await runScreen({
    handle,
    stdin: process.stdin,
    stdout: process.stdout,
    settings: defaultSettings,
    onLeave: choice => {
      process.stderr.write(`leaving: ${choice}\n`);
    },
    now: () => Date.now(),
  });
  console.log(`ended: ${reason}`);
  end(0);
} catch (error) {
  console.log(`failed: ${error instanceof Error ? error.message : String(error)}`);
  end(1);
}

/** Not at once: what is written just before the end may be lost by the reader of the terminal. */
function end(code: number): void {
  setTimeout(() => process.exit(code), 400);
}
