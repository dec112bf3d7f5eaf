import { readFileSync } from 'node:fs';
import { countOf } from '../../domain/text/count.ts';
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

/** What the command line gives the demo agent. */
export interface DemoWorld {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly args: readonly string[];
  readonly run: ProgramRunner;
  /** Writes to stdout; the text ends with a newline. */
  readonly write: (text: string) => void;
}

/**
 * The demo agent: a program of its own, started like any other agent. It reads its prompt from `CM_PROMPT_FILE`, edits files in the
 * item's scope, commits them with git and reports what it does as JSON lines, spread over the requested time.
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
    if (this.world.env.CM_PURPOSE !== undefined) return this.readOnly();
    const session = this.options.resume ?? this.options.session ?? `demo-${this.world.env.CM_RUN_ID ?? process.pid}`;
    this.emit({ type: 'session', id: session });
    this.emit({
      type: 'say',
      text: `${this.options.resume === null ? 'Starting' : 'Resuming'} ${this.item.key}: ${this.item.title}`,
    });
    const targets = await this.targets();
    if (this.options.rateLimit !== null) return this.stopAtLimit(this.options.rateLimit);
    if (this.options.fail !== null) return this.fail(this.options.fail, targets);
    await this.edit(targets);
    if (this.options.noCommit) return this.finish('Nothing to change.');
    const committed = await this.commit();
    if (this.options.dirty) this.append(targets[0] ?? 'notes.md', `${this.item.key}: commit failed`);
    if (this.options.hang === 'before') await this.pace.forEver();
    if (!committed) return this.finish('git refused the commit.', 1);
    const exitCode = this.finish(`${this.item.key} is done: ${targets.join(', ')}.`);
    if (this.options.hang === 'after') await this.pace.forEver();
    return exitCode;
  }

  /** Asked to review or to compare, it has nothing to say: it changes nothing and finds nothing. */
  private async readOnly(): Promise<number> {
    this.emit({ type: 'say', text: `Reading the work on ${this.item.key}.` });
    await this.pace.until(1);
    this.emit({ type: 'say', text: 'NO FINDINGS' });
    return this.finish('Read.');
  }

  /** The files of the scope; a resumed session without any takes those that the branch has changed. */
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
    this.emit({
      type: 'plan',
      items: plan.map((text, index) => ({ text, status: index === 0 ? 'in_progress' : 'open' })),
    });
    // Reading takes a fifth of the time, writing most of the rest; the remainder is for the commit.
    await this.pace.until(0.1);
    for (const [index, path] of targets.entries()) {
      const share = (index + 1) / targets.length;
      const before = readText(this.world.cwd, path);
      this.emit({ type: 'read', path });
      await this.pace.until(0.1 + 0.75 * (share - 0.5 / targets.length));
      this.emit({
        type: 'think',
        text:
          before === null
            ? `${path} does not exist yet.`
            : `${path} has ${countOf(before.split('\n').length, 'line')}. Adding the change.`,
      });
      if (!this.options.noCommit) this.change(path, before);
      await this.pace.until(0.1 + 0.75 * share);
    }
    this.emit({
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
    this.emit({ type: before === null ? 'write' : 'edit', path });
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
    this.emit({ type: 'command', command: words.join(' ') });
    const { exitCode, output } = await this.world.run(file, args, this.world.cwd);
    this.emit({ type: 'command-ended', exit: exitCode, output });
    return exitCode === 0;
  }

  private git(...args: readonly string[]): ReturnType<ProgramRunner> {
    return this.world.run('git', args, this.world.cwd);
  }

  private async fail(exitCode: number, targets: readonly string[]): Promise<number> {
    this.emit({ type: 'read', path: targets[0] ?? '.' });
    await this.pace.until(1);
    this.emit({ type: 'error', message: 'Giving up on the change.' });
    return this.finish('Failed on request.', exitCode);
  }

  private async stopAtLimit(seconds: number): Promise<number> {
    await this.pace.until(0.5);
    this.emit({ type: 'error', message: `rate limit exceeded, retry after ${seconds} s` });
    return this.finish('Rate limit reached.', 1);
  }

  /** The verdict comes before the end, as programs do it. A requested failure with exit code 0 keeps that code. */
  private finish(message: string, exitCode: number | null = null): number {
    this.emit({ type: 'result', ok: exitCode === null, message });
    return exitCode ?? 0;
  }

  private emit(event: Readonly<Record<string, unknown>>): void {
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
