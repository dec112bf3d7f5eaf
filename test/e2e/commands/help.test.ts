import { execFile } from 'node:child_process';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../../source/cli/program.ts';
import { textWidth } from '../../../source/ui/presentation/text.ts';
import { builtProgram, type ProgramResult } from '../../helpers/programs/product.ts';

function run(...args: string[]): Promise<ProgramResult> {
  return new Promise(resolve => {
    execFile(
      process.execPath,
      [builtProgram, ...args],
      { env: { ...process.env, COLUMNS: '200' } },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

const { program } = buildProgram();
const hidden = (command: Command) => !program.createHelp().visibleCommands(program).includes(command);
const commands = program.commands.filter(command => !hidden(command));
const pages = [program, ...commands].map(command => ({ name: command.name(), page: command.helpInformation() }));

describe('--help', () => {
  it.each(pages)('of $name is a whole page within 80 columns', async ({ name, page }) => {
    for (const row of page.split('\n')) {
      expect(textWidth(row), row).toBeLessThanOrEqual(80);
      expect(row).toBe(row.trimEnd());
    }
    const headings = ['Usage: cm-tui', 'Options:', 'Options for every command:', 'Exit codes:', 'Examples:'];
    const places = headings.map(heading => page.indexOf(heading));
    expect(
      places.every(place => place >= 0),
      `${name} lacks one of ${headings.join(', ')}`,
    ).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect((page.slice(page.indexOf('Examples:')).match(/^ {2}cm-tui/gm) ?? []).length).toBeGreaterThanOrEqual(2);
    expect(page).toMatch(/^ {2}0 +\S/m);
    expect(page).toMatch(/^ {2}2 +\S|^ {2}3 +\S/m);
    await expect(page).toMatchFileSnapshot(`help/${name}.txt`);
  });

  it('tells what every argument and option is, and what it is by default', () => {
    for (const command of [program, ...commands]) {
      const page = command.helpInformation();
      for (const one of command.registeredArguments) expect(page).toMatch(new RegExp(`^  ${one.name()} +\\S`, 'm'));
      for (const option of command.options) expect(option.description, option.flags).not.toBe('');
    }
    expect(program.helpInformation()).toContain('(default: claude)');
  });

  it('describes the options of every command once, and names them on every page', () => {
    for (const { page } of pages) for (const option of ['--repo', '--max-parallel']) expect(page).toContain(option);
    const described = pages.filter(({ page }) => page.includes('a folder in the repository'));
    expect(described.map(({ name }) => name)).toEqual(['cm-tui']);
  });

  it('lists the commands by what they are for', () => {
    const page = program.helpInformation();
    const groups = ['Work:', 'Inspect:', 'Land and clean up:', 'Set up:'];
    const places = groups.map(group => page.indexOf(`\n${group}\n`));
    expect(places.every(place => place > 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    for (const command of commands) expect(page).toMatch(new RegExp(`^  ${command.name()}\\b.* \\w`, 'm'));
  });

  it('has examples that the program understands', () => {
    for (const { page } of pages) {
      for (const [, line = ''] of page.matchAll(/^ {2}(cm-tui.*)$/gm)) {
        const [, name, ...rest] = line.replace(/ [|>].*$/, '').split(' ');
        if (name === undefined || name.startsWith('-')) continue;
        const command = commands.find(one => one.name() === name);
        expect(command, line).toBeDefined();
        const known = [...(command?.options ?? []), ...program.options].flatMap(option => [option.long, option.short]);
        for (const word of rest) if (/^--?[a-z]/.test(word)) expect(known, line).toContain(word);
      }
    }
  });

  it('is the same from the built program, wherever it is printed', async () => {
    const asked = await run('merge', '--help');
    expect(asked).toMatchObject({ code: 0, stderr: '' });
    expect(asked.stdout.trimEnd()).toBe(pages.find(page => page.name === 'merge')?.page.trimEnd());
    expect((await run('help', 'merge')).stdout).toBe(asked.stdout);
    expect((await run('--help')).stdout.trimEnd()).toBe(pages[0]?.page.trimEnd());
  });
});

describe('a command line that cannot be understood', () => {
  it.each([
    [['statsu'], 'Unknown command "statsu". Run "cm-tui help" for a list. Did you mean "status"?'],
    [['help', 'statsu'], 'Unknown command "statsu". Run "cm-tui help" for a list. Did you mean "status"?'],
    [['status', '--jsn'], `Unknown option '--jsn'. Did you mean --json? See "cm-tui status --help".`],
    [['--headles'], `Unknown option '--headles'. Did you mean --headless? See "cm-tui --help".`],
    [['spawn'], 'Name the item, as in "cm-tui spawn US-043".'],
    [['retry'], `Missing required argument 'id'. See "cm-tui retry --help".`],
    [['cancel'], `Missing required argument 'id'. See "cm-tui cancel --help".`],
    [
      ['plan', '--max-parallel', '0'],
      `Option '--max-parallel <n>' argument '0' is invalid. Use a whole number from 1 to 64. See "cm-tui --help".`,
    ],
    [
      ['start', '--approve', 'all'],
      `Option '--approve <what>' argument 'all' is invalid. Allowed choices are none, clean. See "cm-tui --help".`,
    ],
  ])('%s: one line that says how to fix it', async (args, sentence) => {
    expect(await run(...args)).toEqual({ code: 2, stdout: '', stderr: `${sentence}\n` });
  });

  it('shows no control characters of what was typed', async () => {
    const { code, stderr } = await run('status', '--\u001b[31mred\u0007');
    expect(code).toBe(2);
    expect(stderr.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });
});
