import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram } from '../../../source/cli/program.ts';
import { builtProgram, createProduct, type Product } from '../../helpers/programs/product.ts';
import { start as startOnTerminal } from '../../helpers/programs/pty.ts';

let product: Product;
let env: NodeJS.ProcessEnv;
const script = (shell: string) => join(product.base, `completion.${shell}`);

beforeAll(async () => {
  product = createProduct({
    items: [
      { id: 'US-001', files: ['out/US-001.txt'] },
      { id: 'US-002', files: ['out/US-002.txt'], status: '✅ Complete' },
      { id: 'US-003', files: ['out/US-003.txt'] },
    ],
  });
  product.git('branch', 'release/2');
  const bin = join(product.base, 'bin');
  mkdirSync(bin);
  symlinkSync(builtProgram, join(bin, 'cm-tui'));
  env = { ...product.env, PATH: `${bin}:${process.env.PATH}` };
  await product.run('spawn', '--priority', 'US-001');
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout, stderr } = await product.run('completion', shell);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    writeFileSync(script(shell), stdout);
  }
});

afterAll(() => product.cleanup());

function hasShell(shell: string): boolean {
  try {
    execFileSync(shell, ['-c', 'exit 0'], { stdio: 'ignore' });
    return true;
  } catch {
    console.log(`${shell} is not installed: its completions are not tried here.`);
    return false;
  }
}

function output(file: string, args: readonly string[], cwd = product.root): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(file, [...args], { env, cwd }, (error, stdout, stderr) =>
      error === null && stderr === '' ? resolve(stdout) : reject(new Error(`${error?.message}\n${stderr}\n${stdout}`)),
    );
  });
}

/** What bash offers for the last of these words. */
async function inBash(words: readonly string[], cwd?: string): Promise<readonly string[]> {
  const program = `set -u; source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cm_tui; printf '%s\\n' \${COMPREPLY[@]+"\${COMPREPLY[@]}"}`;
  const text = await output('bash', ['--norc', '-c', program, 'bash', script('bash'), 'cm-tui', ...words], cwd);
  return text.split('\n').filter(line => line !== '');
}

const commandNames = buildProgram()
  .program.commands.filter(command => command.name() !== 'ids')
  .flatMap(command => [command.name(), ...command.aliases()]);

describe('in bash', () => {
  it('offers every command, and options with their values', async () => {
    expect([...(await inBash(['']))].sort()).toEqual([...commandNames, 'help'].sort());
    expect(await inBash(['can'])).toEqual(['cancel']);
    expect(await inBash(['status', '--js'])).toEqual(['--json']);
    expect(await inBash(['--exit'])).toEqual(['--exit-when-idle']);
    expect(await inBash(['start', '--approve', ''])).toEqual(['none', 'clean']);
    expect(await inBash(['start', '--approve', '=', 'c'])).toEqual(['clean']);
    expect(await inBash(['start', '--approve', '='])).toEqual(['none', 'clean']);
    expect(await inBash(['completion', ''])).toEqual(['bash', 'zsh', 'fish']);
    expect(await inBash(['config', 'u'])).toEqual(['unset']);
    expect(await inBash(['help', 'roa'])).toEqual(['roadmap']);
    expect(await inBash(['status', ''])).toEqual([]);
    expect(await inBash(['run', ''])).toEqual([]);
  });

  it('offers the ids of items and instances, agents, branches and settings', async () => {
    expect(await inBash(['spawn', '--priority', ''])).toEqual(['US-001', 'US-003']);
    expect(await inBash(['spawn-parallel', '--priority', 'US-003'])).toEqual(['US-003']);
    for (const command of ['logs', 'merge']) {
      expect(await inBash([command, '']), command).toEqual(['US-001']);
    }
    expect(await inBash(['--target', 'roadmap', 'cancel', ''])).toEqual(['US-001']);
    expect(await inBash(['cancel', 'US-001', ''])).toEqual([]);
    expect(await inBash(['start', '--agent', 'cla'])).toEqual(['claude']);
    expect(await inBash(['start', '--target', 're'])).toEqual(['release/2']);
    expect(await inBash(['config', 'get', 'maxP'])).toEqual(['maxParallel']);
    expect(await inBash(['--repo', ''], product.base)).toContain('shop');
    expect(await inBash(['--repo', product.root, 'logs', ''], product.base)).toEqual(['US-001']);
    expect(await inBash(['spawn', '--roadmap', 'READ'])).toEqual(['README.md']);
  });

  it('stays silent where there is no repository', async () => {
    expect(await inBash(['cancel', ''], product.base)).toEqual([]);
    expect(await inBash(['spawn', '--priority', ''], product.base)).toEqual([]);
  });

  it('completes on a terminal, by the key', async () => {
    const terminal = {
      columns: 100,
      rows: 20,
      cwd: product.root,
      env: { ...env, TERM: 'xterm', PS1: '> ' } as Record<string, string>,
    };
    const bash = startOnTerminal('bash', ['--norc', '--noprofile', '-i'], terminal);
    try {
      bash.press(`source ${script('bash')}; echo rea''dy\r`);
      await bash.waitForText(/^ready/m);
      bash.press('cm-tui canc\tUS\t');
      await bash.waitForText(/cm-tui cancel US-001/);
    } finally {
      await bash.dispose();
    }
  });
});

describe('in zsh', () => {
  it('completes on a terminal, by the key', async context => {
    if (!hasShell('zsh')) return context.skip();
    await output('zsh', ['-f', '-n', script('zsh')]);
    const terminal = {
      columns: 100,
      rows: 30,
      cwd: product.root,
      env: { ...env, TERM: 'xterm', PS1: '> ' } as Record<string, string>,
    };
    const zsh = startOnTerminal('zsh', ['-f', '-i'], terminal);
    try {
      zsh.press(`autoload -U compinit; compinit -D -u; source ${script('zsh')}; echo rea''dy\r`);
      await zsh.waitForText(/^ready/m);
      zsh.press('cm-tui canc\t');
      await zsh.waitForText(/cm-tui cancel /);
      zsh.press('US\t');
      await zsh.waitForText(/cm-tui cancel US-001/);
      zsh.press('\u0015cm-tui start --approve cl\t');
      await zsh.waitForText(/--approve clean/);
      zsh.press('\u0015cm-tui sta\t\t');
      await zsh.waitForText(/status +-- show runs, merge queue and machine/);
    } finally {
      await zsh.dispose();
    }
  });
});

describe('in fish', () => {
  it('offers commands, options, values and ids with what they are', async context => {
    if (!hasShell('fish')) return context.skip();
    const offered = (line: string) =>
      output('fish', ['--no-config', '-c', `source ${script('fish')}; complete -C '${line}'`]).then(text =>
        text.trim().split('\n'),
      );
    const names = (await offered('cm-tui ')).map(line => line.split('\t')[0]);
    expect(names).toEqual(expect.arrayContaining(commandNames));
    expect(await offered('cm-tui canc')).toEqual([expect.stringMatching(/^cancel\tstop a run's whole process tree/)]);
    expect(await offered('cm-tui status --js')).toEqual(['--json\tas one JSON document']);
    expect(await offered('cm-tui start --approve c')).toEqual([expect.stringMatching(/^clean\tapprove nothing/)]);
    expect(await offered('cm-tui cancel ')).toEqual([expect.stringMatching(/^US-001\t.*Work of US-001/)]);
    expect(await offered('cm-tui spawn --priority ')).toEqual(['US-001\tWork of US-001', 'US-003\tWork of US-003']);
    expect(await offered('cm-tui completion z')).toEqual(['zsh']);
  });
});

describe('cm-tui ids', () => {
  it('gives nothing to a shell that is more than a name', async () => {
    const path = 'docs/roadmap/ROADMAP.md';
    const before = product.read(path);
    product.write(path, `${before}\n### US-9\`touch x\`: \u001b[31m$(touch y)\n\n**Status**: 📝 Planned\n`);
    const { stdout } = await product.run('ids', 'items');
    product.write(path, before);
    for (const line of stdout.trim().split('\n')) expect(line).toMatch(/^[\w./@-]+\t[^\u0000-\u001f]*$/);
  });

  it('is told nobody, and answers nothing to what it does not know', async () => {
    expect((await product.run('help')).stdout).not.toMatch(/^ {2}ids/m);
    expect(await product.run('ids', 'nonsense')).toEqual({ code: 2, stdout: '', stderr: '' });
  });
});

it('an unknown shell is refused in one sentence', async () => {
  const { code, stderr } = await product.run('completion', 'tcsh');
  expect(code).toBe(2);
  expect(stderr).toMatch(/^[^\n]*Allowed choices are bash, zsh, fish[^\n]*\n$/);
});
