import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRepository, type TestRepository } from '../git/repository.ts';
import { endBearers } from './survivors.ts';

/** The built program; `npm test` builds it before the tests. Benchmarks are bundled elsewhere, and say where the source is. */
export const builtProgram = join(
  process.env.CM_TUI_SOURCE ?? fileURLToPath(new URL('../../../', import.meta.url)),
  'dist/cli.js',
);

export interface ProgramResult {
  /** Null: a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One line of headless output. */
export type HeadlessEvent = Readonly<Record<string, unknown>> & { readonly type: string };

export interface Product extends TestRepository {
  /** Runs the built program to its end. */
  run(...args: string[]): Promise<ProgramResult>;
  /** Runs it and parses its stdout as one JSON document. */
  json<T>(...args: string[]): Promise<T>;
  /** Starts it without waiting; collects its events. */
  start(...args: string[]): Running;
  /** The same repository, for programs with further variables in their environment. */
  with(variables: Readonly<Record<string, string>>): Product;
  /** The last that programs said which run still, for whoever asks why a test waited in vain. */
  said(): string;
  /** Writes the repository's settings. */
  configure(settings: Readonly<Record<string, unknown>>): void;
}

export interface Running {
  readonly pid: number;
  readonly events: HeadlessEvent[];
  readonly exit: Promise<ProgramResult>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves with the first event that fits, also one from before. Rejects when the program ends without it. */
  event(fits: (event: HeadlessEvent) => boolean): Promise<HeadlessEvent>;
}

export interface ItemOptions {
  readonly id: string;
  readonly files?: readonly string[];
  readonly dependsOn?: readonly string[];
  readonly status?: string;
  readonly extra?: string;
}

/** One section of a ROADMAP. */
export function roadmapItem({ id, files, dependsOn, status = '📝 Planned', extra = '' }: ItemOptions): string {
  return [
    `### ${id}: Work of ${id}`,
    '',
    `**Status**: ${status}`,
    ...(files === undefined ? [] : [`**Files**: ${files.map(file => `\`${file}\``).join(', ')}`]),
    ...(dependsOn === undefined ? [] : [`**Dependencies**: ${dependsOn.join(', ')}`]),
    extra,
    '',
  ].join('\n');
}

/**
 * An agent as a shell script: it may use $CM_KEY and all the rest. The default one writes `out/<key>.txt` and commits.
 */
export const committingAgent =
  'mkdir -p out && echo "work of $CM_KEY" > "out/$CM_KEY.txt" && git add -A && git commit -qm "Work of $CM_KEY"';

export interface ProductOptions {
  readonly items: readonly ItemOptions[];
  /** Body of the agent's shell script. */
  readonly agent?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly branch?: string;
  /** Parent of the temporary folder. Default: the system's. */
  readonly under?: string;
}

/** A repository with a ROADMAP, an agent made of a shell script, and the built program to run on it. */
export function createProduct(options: ProductOptions): Product {
  if (!existsSync(builtProgram)) throw new Error('dist/cli.js is missing: run "npm run build" first');
  const repository = quiet(
    createRepository({
      branch: options.branch ?? 'roadmap',
      ...(options.under === undefined ? {} : { under: options.under }),
      files: {
        'README.md': '# Shop\n',
        'docs/roadmap/ROADMAP.md': `# Roadmap\n\n${options.items.map(roadmapItem).join('\n')}`,
        ...options.files,
      },
    }),
  );
  const agent = join(repository.base, 'agent.sh');
  writeFileSync(agent, `#!/bin/sh\n${options.agent ?? committingAgent}\n`);
  chmodSync(agent, 0o755);
  const configure = (settings: Readonly<Record<string, unknown>>) => {
    mkdirSync(join(repository.root, '.git/cm-tui'), { recursive: true, mode: 0o700 });
    const base = { agent: 'script', agents: { script: { command: agent } } };
    writeFileSync(join(repository.root, '.git/cm-tui/config.json'), JSON.stringify({ ...base, ...settings }));
  };
  configure(options.settings ?? {});

  return withPrograms(repository, configure, new Map());
}

/** @param started programs that a test left running, perhaps because it failed: they end with the repository */
function withPrograms(
  repository: TestRepository,
  configure: Product['configure'],
  started: Map<ChildProcess, readonly HeadlessEvent[]>,
): Product {
  const run = (...args: string[]): Promise<ProgramResult> =>
    new Promise(resolve => {
      execFile(
        process.execPath,
        [builtProgram, ...args],
        { cwd: repository.root, env: repository.env, maxBuffer: 1 << 28 },
        (error, stdout, stderr) => resolve({ code: error === null ? 0 : numberOr(error.code), stdout, stderr }),
      );
    });

  return {
    ...repository,
    configure,
    run,
    async json<T>(...args: string[]): Promise<T> {
      const result = await run(...args);
      try {
        return JSON.parse(result.stdout) as T;
      } catch {
        throw new Error(`no JSON from cm-tui ${args.join(' ')}: ${result.stdout}\n${result.stderr}`);
      }
    },
    start: (...args: string[]) => startProgram(repository, args, started),
    with: variables => withPrograms({ ...repository, env: { ...repository.env, ...variables } }, configure, started),
    said: () =>
      [...started.values()].flatMap(events => events.slice(-40).map(event => JSON.stringify(event))).join('\n'),
    cleanup: () => {
      for (const child of started.keys()) child.kill('SIGKILL');
      endBearers(repository);
      repository.cleanup();
    },
  };
}

function startProgram(
  repository: TestRepository,
  args: readonly string[],
  started: Map<ChildProcess, readonly HeadlessEvent[]>,
): Running {
  const child = spawn(process.execPath, [builtProgram, ...args], { cwd: repository.root, env: repository.env });
  const events: HeadlessEvent[] = [];
  started.set(child, events);
  const waiting = new Set<() => void>();
  let stdout = '';
  let stderr = '';
  let rest = '';
  let ended: ProgramResult | null = null;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{')) events.push(JSON.parse(line) as HeadlessEvent);
    for (const look of waiting) look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exit = new Promise<ProgramResult>(resolve => {
    child.on('close', code => {
      started.delete(child);
      ended = { code, stdout, stderr };
      resolve(ended);
      for (const look of waiting) look();
    });
  });
  return {
    pid: child.pid ?? 0,
    events,
    exit,
    kill: signal => void child.kill(signal),
    event: fits =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = events.find(fits);
          if (found !== undefined) resolve(found);
          else if (ended !== null)
            reject(new Error(`the program ended (${ended.code}) without the event: ${stdout}\n${stderr}`));
          else return;
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      }),
  };
}

/** The machine as the program sees it: quiet, whatever else runs beside the tests. */
function quiet(repository: TestRepository): TestRepository {
  return { ...repository, env: { ...repository.env, CM_TUI_MACHINE: '5,30' } };
}

function numberOr(code: unknown): number | null {
  return typeof code === 'number' ? code : null;
}
