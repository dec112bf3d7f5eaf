import { afterEach } from 'vitest';
import { builtProgram, type Product } from './product.ts';
import { type Pty, start } from './pty.ts';

export interface TerminalOptions {
  /** Default 120. */
  readonly columns?: number;
  /** Default 40. */
  readonly rows?: number;
  readonly args?: readonly string[];
  /** Added to the environment of the program. */
  readonly variables?: Readonly<Record<string, string>>;
}

const open: Pty[] = [];

afterEach(async () => {
  for (const terminal of open.splice(0)) await terminal.dispose();
});

/** The built program on a terminal of its own, which is gone after the test. */
export function onTerminal(one: Product, options: TerminalOptions = {}): Pty {
  const { columns = 120, rows = 40, args = [], variables = {} } = options;
  const all = Object.entries({ ...one.env, TERM: 'xterm-256color', LANG: 'C.UTF-8', ...variables });
  const env = Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined));
  const terminal = start(process.execPath, [builtProgram, ...args], { columns, rows, cwd: one.root, env });
  open.push(terminal);
  return terminal;
}
