import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { commitUserEdit, createSampleRepository, type Run } from '../../source/demo/sample-repository.ts';

const roadmap = 'docs/roadmap/ROADMAP.md';
const execute = promisify(execFile);

/** The demo's sample repository in a temporary folder, and an environment without anything of the machine's user. */
export interface Stage {
  /** Everything temporary is in here. */
  readonly folder: string;
  readonly repo: string;
  readonly env: Readonly<Record<string, string>>;
  /** The hand edit that US-046 will conflict with. */
  editByHand(): Promise<void>;
  /** Runs the program to its end. */
  run(program: string, ...args: readonly string[]): Promise<void>;
  remove(): void;
}

/**
 * Creates the sample repository. `seconds` sets how long each item's agent works.
 * @throws if git fails
 */
export async function setStage(seconds: Readonly<Record<string, number>>): Promise<Stage> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'cm-tui-pictures-')));
  const repo = join(folder, 'shop');
  const home = join(folder, 'home');
  mkdirSync(home);
  const env = {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: home,
    TMPDIR: folder,
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
  };
  const run: Run = async (file, args, cwd) => {
    await execute(file, [...args], { cwd, env });
  };
  await createSampleRepository(repo, run);
  const text = readFileSync(join(repo, roadmap), 'utf8');
  writeFileSync(join(repo, roadmap), paced(text, seconds));
  await run('git', ['commit', '--quiet', '--all', '--amend', '--no-edit'], repo);
  return {
    folder,
    repo,
    env,
    editByHand: () => commitUserEdit(repo, run),
    run: (program, ...args) => run(process.execPath, [program, ...args], repo),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }),
  };
}

/** The ROADMAP with a comment for the demo agent under each heading. */
function paced(text: string, seconds: Readonly<Record<string, number>>): string {
  return text.replaceAll(/^### (US-\d+): .*$/gm, (heading, key) =>
    seconds[key] === undefined ? heading : `${heading}\n\n<!-- demo: seconds=${seconds[key]} -->`,
  );
}
