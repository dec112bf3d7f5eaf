import { describe, expect, test } from 'vitest';
import type { LogChunk, LogFile, LogLine } from '../../../source/ports/logs.ts';
import { interleave } from '../../../source/ui/screens/log/interleave.ts';
import { LogWindow } from '../../../source/ui/screens/log/log-window.ts';
import { MatchIndex } from '../../../source/ui/screens/log/match-index.ts';
import { errors, type Matcher, matcherOf } from '../../../source/ui/screens/log/matcher.ts';
import { LiveFile, TailFile } from '../../../source/ui/screens/log/tail-file.ts';

function lineOf(text: string): LogLine {
  return { time: null, kind: 'text', stream: 'out', text };
}

/** A log of numbered lines of ten bytes each, so that offsets are told from line numbers; says how much of it was read. */
class NumberedFile implements LogFile {
  largest = 0;
  read = 0;

  constructor(
    public count: number,
    private readonly textOf: (index: number) => string = index => `line ${index}`,
  ) {}

  async size(): Promise<number> {
    return this.count * 10;
  }

  async forward(offset: number, maxLines: number): Promise<LogChunk> {
    return this.chunk(Math.ceil(offset / 10), Math.ceil(offset / 10) + maxLines);
  }

  async backward(offset: number, maxLines: number): Promise<LogChunk> {
    return this.chunk(Math.floor(offset / 10) - maxLines, Math.floor(offset / 10));
  }

  async close(): Promise<void> {}

  private chunk(from: number, to: number): LogChunk {
    const start = Math.max(0, Math.min(from, this.count));
    const end = Math.max(start, Math.min(to, this.count));
    this.largest = Math.max(this.largest, end - start);
    this.read += end - start;
    const lines = Array.from({ length: end - start }, (_, index) => ({
      offset: (start + index) * 10,
      line: lineOf(this.textOf(start + index)),
    }));
    return { lines, start: start * 10, end: end * 10 };
  }
}

function windowOn(file: LogFile, height = 10): { window: LogWindow; texts: () => string[] } {
  const window = new LogWindow(
    file,
    () => height,
    () => {},
  );
  return { window, texts: () => window.visible(height).map(row => row.line.text) };
}

function made(typed: string): Extract<ReturnType<typeof matcherOf>, { matcher: unknown }> {
  const answer = matcherOf(typed);
  if ('problem' in answer) throw new Error(answer.problem);
  return answer;
}

const find = (typed: string): Matcher => made(typed).matcher;

/** Looks for what is typed in a window, with an index of its own. */
function finder(file: LogFile, window: LogWindow, typed: string) {
  const { wanted } = made(typed);
  const index = new MatchIndex(file, wanted, () => {});
  let running = false;
  return {
    index,
    find: (direction: 1 | -1, from: number | null, signal = new AbortController().signal): Promise<number | null> =>
      window.find(wanted, direction, from, signal, () => {
        if (!running) void index.run();
        running = true;
        return index;
      }),
  };
}

describe('a log of ten million lines', () => {
  test('opens at its end without being read', async () => {
    const file = new NumberedFile(10_000_000);
    const { window, texts } = windowOn(file);
    await window.follow();
    expect(texts()).toEqual(Array.from({ length: 10 }, (_, index) => `line ${9_999_990 + index}`));
    expect(file.read).toBeLessThan(1000);
  });

  test('scrolls by lines across what is loaded, and back to following at the end', async () => {
    const { window, texts } = windowOn(new NumberedFile(10_000_000));
    await window.follow();
    for (let step = 0; step < 30; step++) await window.scroll(-100);
    expect(texts()[0]).toBe('line 9996990');
    expect(window.following).toBe(false);
    await window.scroll(2995);
    expect(texts()[0]).toBe('line 9999985');
    await window.scroll(5);
    expect(texts()[9]).toBe('line 9999999');
    expect(window.following).toBe(true);
  });

  test('goes to its start and on from there', async () => {
    const { window, texts } = windowOn(new NumberedFile(10_000_000));
    await window.follow();
    await window.toStart();
    expect(texts()[0]).toBe('line 0');
    for (let step = 0; step < 20; step++) await window.scroll(1000);
    expect(texts()[0]).toBe('line 20000');
    await window.scroll(-20_000);
    expect(texts()[0]).toBe('line 0');
  });

  test('holds a bounded number of lines however far it is scrolled', async () => {
    const file = new NumberedFile(1_000_000);
    const { window, texts } = windowOn(file);
    await window.toStart();
    for (let step = 0; step < 200; step++) await window.scroll(399);
    expect(texts()[0]).toBe('line 79800');
    for (let step = 0; step < 200; step++) await window.scroll(-399);
    expect(texts()[0]).toBe('line 0');
    expect(file.largest).toBeLessThanOrEqual(400);
  });
});

describe('a log that grows', () => {
  test('is followed, or keeps its place while paused', async () => {
    const file = new NumberedFile(100);
    const { window, texts } = windowOn(file);
    await window.follow();
    file.count = 120;
    await window.grown();
    expect(texts()[9]).toBe('line 119');
    await window.pause();
    file.count = 5000;
    await window.grown();
    expect(texts()[9]).toBe('line 119');
    await window.scroll(1);
    expect(texts()[9]).toBe('line 120');
    await window.follow();
    expect(texts()[9]).toBe('line 4999');
  });

  test('many calls while one is under way are one read', async () => {
    const file = new NumberedFile(100_000);
    const { window } = windowOn(file);
    await window.follow();
    const before = file.read;
    await Promise.all(Array.from({ length: 50 }, () => window.grown()));
    expect(file.read - before).toBeLessThanOrEqual(800);
  });
});

describe('searching', () => {
  const marked = (): NumberedFile =>
    new NumberedFile(50_000, index => (index % 10_000 === 5000 ? `Needle ${index}` : `hay ${index}`));

  test('finds forwards and backwards, piece by piece', async () => {
    const file = marked();
    const { window, texts } = windowOn(file, 9);
    await window.toStart();
    const needle = finder(file, window, 'needle');
    const first = await needle.find(1, null);
    expect(first).toBe(50_000);
    expect(texts()[3]).toBe('Needle 5000');
    const second = await needle.find(1, first);
    expect(second).toBe(150_000);
    expect(await needle.find(-1, second)).toBe(50_000);
    expect(await needle.find(-1, 50_000)).toBeNull();
    expect(file.largest).toBeLessThanOrEqual(2000);
  });

  test('what is far away is found by one pass, in both directions, and what has come since', async () => {
    const file = new NumberedFile(200_000, index => (index === 150_000 || index > 199_999 ? 'Needle' : 'hay'));
    const { window } = windowOn(file);
    await window.toStart();
    const needle = finder(file, window, 'Needle');
    expect(await needle.find(1, null)).toBe(1_500_000);
    expect(needle.index.state).not.toBe('stopped');
    await window.follow();
    expect(await needle.find(-1, 1_999_990)).toBe(1_500_000);
    await needle.find(1, 1_500_000);
    file.count = 200_001;
    expect(await needle.find(1, 1_500_000)).toBe(2_000_000);
  });

  test('counts the lines that match, and gives up when told to', async () => {
    const all = new MatchIndex(marked(), made('/needle \\d+5000/').wanted, () => {});
    await all.run();
    expect([all.count, all.state, all.percent]).toEqual([4, 'complete', 100]);
    const some: MatchIndex = new MatchIndex(marked(), made('hay').wanted, () => some.stop());
    await some.run();
    expect(some.state).toBe('stopped');
    expect(some.count).toBeGreaterThan(0);
    expect(some.count).toBeLessThan(49_995);
    expect(await some.after(499_000)).toBeNull();
  });

  test('errors are what reads like one', () => {
    const wrong = ['Error: no such file', '2 tests failed', 'FATAL out of memory', 'Traceback (most recent call last)'];
    const fine = ['0 errors, 0 failed', 'no failures', 'errors: 0', 'terrorise', 'all passed'];
    expect(wrong.filter(text => !errors.test(lineOf(text)))).toEqual([]);
    expect(fine.filter(text => errors.test(lineOf(text)))).toEqual([]);
    expect(errors.test({ ...lineOf('it did not work'), kind: 'error' })).toBe(true);
    expect(() => new RegExp(errors.pattern.text, 'iu')).not.toThrow();
  });

  test('capital letters make case count; slashes make an expression; a bad one is said', () => {
    expect(find('Hay')('hay Hay')).toEqual([[4, 7]]);
    expect(find('a.c')('abc a.c')).toEqual([[4, 7]]);
    expect(find('/a.c/')('abc a.c')).toEqual([
      [0, 3],
      [4, 7],
    ]);
    expect(matcherOf('/(/')).toHaveProperty('problem');
  });
});

describe('a log that cannot be read', () => {
  test('says so in its place', async () => {
    const broken: LogFile = {
      size: () => Promise.reject(new Error('EACCES: permission\u001b[2J denied')),
      forward: () => Promise.reject(new Error('no')),
      backward: () => Promise.reject(new Error('no')),
      close: async () => {},
    };
    const { window, texts } = windowOn(broken);
    await window.follow();
    expect(texts()).toEqual(['Cannot read the log: EACCES: permission denied']);
  });
});

describe('the live tail as a file', () => {
  test('lines keep their numbers while the tail moves on', async () => {
    let tail: readonly LogLine[] = Array.from({ length: 5 }, (_, index) => lineOf(`${index}`));
    const file = new TailFile(() => tail);
    expect(await file.size()).toBe(5);
    tail = [...tail.slice(2), lineOf('5'), lineOf('6')];
    const chunk = await file.forward(0, 100);
    expect(chunk.lines.map(row => row.line.text)).toEqual(['0', '1', '2', '3', '4', '5', '6']);
    expect(chunk.lines.map(row => row.offset)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect((await file.backward(6, 2)).lines.map(row => row.line.text)).toEqual(['4', '5']);
  });

  test('a gap is said', async () => {
    let tail: readonly LogLine[] = [lineOf('a')];
    const file = new TailFile(() => tail);
    await file.size();
    tail = [lineOf('x'), lineOf('y')];
    const texts = (await file.forward(0, 10)).lines.map(row => row.line.text);
    expect(texts).toEqual(['a', expect.stringContaining('lines were dropped here'), 'x', 'y']);
  });
});

describe('many tails as one', () => {
  test('stand in the order of time, each line with the name of its run; later ones come behind', async () => {
    const at = (time: number | null, text: string): LogLine => ({ ...lineOf(text), time });
    const tails: Record<string, readonly LogLine[]> = {
      a: [at(10, 'a1'), at(30, 'a2'), at(null, 'a3')],
      b: [at(20, 'b1'), at(40, 'b2')],
    };
    const file = new LiveFile(
      interleave(() => Object.keys(tails).map(runId => ({ runId, label: runId, tail: () => tails[runId] ?? [] }))),
    );
    const texts = async (): Promise<string[]> =>
      (await file.forward(0, 100)).lines.map(({ line }) => `${line.label ?? ''}${line.text}`);
    expect(await texts()).toEqual(['a │ a1', 'b │ b1', 'a │ a2', 'a │ a3', 'b │ b2']);
    tails.c = [at(5, 'c1')];
    tails.a = [...(tails.a ?? []), at(50, 'a4')];
    expect((await texts()).slice(5)).toEqual(['c │ c1', 'a │ a4']);
  });
});
