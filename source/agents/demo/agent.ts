import { readFileSync } from 'node:fs';
import { isInside, readText, scopeOf, targetsOf, writeText } from './files.ts';
import { type DemoOptions, readOptions } from './options.ts';
import { createPace, type Pace } from './pace.ts';
import { applyRecipe, type RecipeItem } from './recipes.ts';

/** Starts a program and waits for it; `output` is stdout and stderr together. Only `adapters/processes` has one. */
export type ProgramRunner = (
  file: string,
  args: readonly string[],
  cwd: string,
) => Promise<{ readonly exitCode: number; readonly output: string }>;

/** What the demo agent is given by the command line. */
export interface DemoWorld {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly args: readonly string[];
  readonly run: ProgramRunner;
  /** Writes to stdout; the text ends with a line end. */
  readonly write: (text: string) => void;
}

/**
 * The demo agent: a program of its own, started like any other agent. It reads its prompt from `CM_PROMPT_FILE`, edits
 * files of the item's scope, commits them with git and tells what it does as JSON lines, spread over the time asked for.
 * @returns its exit code
 */
export async function runDemoAgent(world: DemoWorld): Promise<number> {
  const prompt = readPrompt(world.env.CM_PROMPT_FILE);
  const options = readOptions(world.args, world.env, prompt);
  return new DemoRun(world, options, prompt).work();
}

class DemoRun {
  private readonly item: RecipeItem;
  private readonly pace: Pace;

  constructor(
    private readonly world: DemoWorld,
    private readonly options: DemoOptions,
    private readonly prompt: string,
  ) {
    this.item = { key: world.env.CM_KEY ?? 'TASK-1', title: world.env.CM_TITLE ?? 'a task' };
    this.pace = createPace(options.seconds, options.lines, world.write);
  }

  async work(): Promise<number> {
    const session = this.options.resume ?? this.options.session ?? `demo-${this.world.env.CM_RUN_ID ?? process.pid}`;
    this.tell({ type: 'session', id: session });
    this.tell({
      type: 'say',
      text: `${this.options.resume === null ? 'Starting' : 'Going on with'} ${this.item.key}: ${this.item.title}`,
    });
    const targets = await this.targets();
    if (this.options.rateLimit !== null) return this.stopAtLimit(this.options.rateLimit);
    if (this.options.fail !== null) return this.fail(this.options.fail, targets);
    await this.edit(targets);
    if (this.options.noCommit) return this.finish('There was nothing to change.');
    const committed = await this.commit();
    if (this.options.dirty) this.append(targets[0] ?? 'notes.md', `${this.item.key}: not committed`);
    if (this.options.hang === 'before') await this.pace.forEver();
    if (!committed) return this.finish('git refused the commit.', 1);
    const exitCode = this.finish(`${this.item.key} is done: ${targets.join(', ')}.`);
    if (this.options.hang === 'after') await this.pace.forEver();
    return exitCode;
  }

  /** The files of the scope; where a session goes on and names none, those that the branch has changed. */
  private async targets(): Promise<readonly string[]> {
    const scope = scopeOf(this.prompt);
    const changed = scope.length === 0 && this.options.resume !== null ? await this.changedFiles() : [];
    const wanted = scope.length > 0 ? scope : changed.length > 0 ? changed : [`notes/${slugOf(this.item.key)}.md`];
    const extra = [this.options.outOfScope, this.options.conflict].filter(path => path !== null).filter(isInside);
    return [...new Set([...targetsOf(wanted, this.world.cwd, this.item.key), ...extra])];
  }

  private async changedFiles(): Promise<readonly string[]> {
    const base = this.world.env.CM_BASE ?? '';
    if (!/^[0-9a-f]{7,64}$/.test(base)) return [];
    const { exitCode, output } = await this.git('diff', '--name-only', '--no-ext-diff', base, 'HEAD', '--');
    return exitCode === 0 ? output.split('\n').filter(isInside) : [];
  }

  private async edit(targets: readonly string[]): Promise<void> {
    const plan = [...targets.map(path => `change ${path}`), 'commit'];
    this.tell({
      type: 'plan',
      items: plan.map((text, index) => ({ text, status: index === 0 ? 'in_progress' : 'open' })),
    });
    // Reading takes a fifth of the time, writing most of the rest: what is left over is the commit's.
    await this.pace.until(0.1);
    for (const [index, path] of targets.entries()) {
      const share = (index + 1) / targets.length;
      const before = readText(this.world.cwd, path);
      this.tell({ type: 'read', path });
      await this.pace.until(0.1 + 0.75 * (share - 0.5 / targets.length));
      this.tell({
        type: 'think',
        text:
          before === null
            ? `${path} has to be made.`
            : `${path} has ${before.split('\n').length} lines; the change goes in there.`,
      });
      if (!this.options.noCommit) this.change(path, before);
      await this.pace.until(0.1 + 0.75 * share);
    }
    this.tell({
      type: 'usage',
      inputTokens: 2000 + this.prompt.length,
      outputTokens: 350 * targets.length,
      costUsd: 0,
    });
    await this.pace.until(0.95);
  }

  private change(path: string, before: string | null): void {
    if (path === this.options.conflict) {
      const rest = (before ?? '').split('\n').slice(1).join('\n');
      writeText(this.world.cwd, path, `// changed by ${this.item.key}\n${rest}`);
    } else if (this.options.resume !== null) {
      this.append(path, this.prompt.trim().split('\n')[0] ?? 'continued');
    } else {
      writeText(this.world.cwd, path, applyRecipe(path, before, this.item));
    }
    this.tell({ type: before === null ? 'write' : 'edit', path });
  }

  private append(path: string, words: string): void {
    const before = readText(this.world.cwd, path);
    const line = /\.(?:[cm]?[jt]sx?|css)$/.test(path)
      ? `// ${words}`
      : path.endsWith('.md')
        ? `\n${words}`
        : `# ${words}`;
    writeText(this.world.cwd, path, `${before === null ? '' : `${before.trimEnd()}\n`}${line}\n`);
  }

  private async commit(): Promise<boolean> {
    const added = await this.command('git', 'add', '--all');
    if (!added) return false;
    const done = await this.command(
      'git',
      'commit',
      '--quiet',
      '--no-verify',
      '-m',
      `${this.item.title} (${this.item.key})`,
    );
    await this.pace.until(1);
    return done;
  }

  private async command(...words: readonly [string, ...string[]]): Promise<boolean> {
    const [file, ...args] = words;
    this.tell({ type: 'command', command: words.join(' ') });
    const { exitCode, output } = await this.world.run(file, args, this.world.cwd);
    this.tell({ type: 'command-ended', exit: exitCode, output });
    return exitCode === 0;
  }

  private git(...args: readonly string[]): ReturnType<ProgramRunner> {
    return this.world.run('git', args, this.world.cwd);
  }

  private async fail(exitCode: number, targets: readonly string[]): Promise<number> {
    this.tell({ type: 'read', path: targets[0] ?? '.' });
    await this.pace.until(1);
    this.tell({ type: 'error', message: 'The change does not work out.' });
    return this.finish('It was asked to fail.', exitCode);
  }

  private async stopAtLimit(seconds: number): Promise<number> {
    await this.pace.until(0.5);
    this.tell({ type: 'error', message: `rate limit exceeded, retry after ${seconds} s` });
    return this.finish('A rate limit was reached.', 1);
  }

  /** The verdict is told before the end, as programs do; an exit code of 0 that was asked for as a failure stays 0. */
  private finish(message: string, exitCode: number | null = null): number {
    this.tell({ type: 'result', ok: exitCode === null, message });
    return exitCode ?? 0;
  }

  private tell(event: Readonly<Record<string, unknown>>): void {
    this.world.write(`${JSON.stringify(event)}\n`);
  }
}

function slugOf(key: string): string {
  return key.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

function readPrompt(path: string | undefined): string {
  if (path === undefined || path === '') return '';
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
