import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { AgentRegistry } from '../../source/agents/registry.ts';
import { createRedactor } from '../../source/domain/text/redact.ts';
import { escapePath, sanitizeBlock, sanitizeLine } from '../../source/domain/text/sanitize.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const sources = readdirSync(join(root, 'source'), { recursive: true, encoding: 'utf8' })
  .filter(path => /\.tsx?$/.test(path))
  .map(path => ({ path: `source/${path}`, text: read(`source/${path}`) }));

/** Paths of the source files that hold a pattern, comments left out. */
function holding(pattern: RegExp): readonly string[] {
  return sources
    .filter(({ text }) => pattern.test(text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')))
    .map(({ path }) => path);
}

describe('rules that the source keeps', () => {
  it('git is started in one place, and never to talk to another repository (S6)', () => {
    expect(holding(/from 'simple-git'|import\('simple-git'\)/)).toEqual(['source/adapters/git/calls/run.ts']);
    expect(holding(/\bgit\.(?:clone|pull|push|fetch|addRemote|listRemote)\(/)).toEqual([]);
  });

  it('programs are started by the processes adapter alone, and never by a shell that a value reaches (S5)', () => {
    const starters = holding(/from 'node:child_process'|from 'execa'|import\('execa'\)/);
    expect(starters.filter(path => !path.startsWith('source/adapters/processes/'))).toEqual([]);
    expect(holding(/\bshell: true|execSync\(|(?<![.\w])exec\(/)).toEqual([]);
  });

  it('signals go to proven processes only: no command kills by name (S20)', () => {
    expect(holding(/['"`](?:pkill|killall|taskkill)\b/)).toEqual([]);
    const killers = holding(/process\.kill\(|\.kill\('/);
    expect(
      killers.filter(
        path =>
          !/adapters\/processes\/|adapters\/git\/calls\/started-process|ui\/terminal\/suspend|adapters\/failpoint|domain\//.test(
            path,
          ),
      ),
    ).toEqual([]);
  });

  it('files that others may have put there are opened in one place, which never waits and refuses what is no file (S12)', () => {
    const openers = holding(
      /(?:\bfs\.|(?<![.\w]))readFile(?:Sync)?\(|\bcreateReadStream\(|\bopenSync\(|\{[^}]*\bopen\b[^}]*\} from 'node:fs\/promises'/,
    );
    /** What is opened there, and why not through `adapters/regular-file`. */
    const others: Readonly<Record<string, string>> = {
      'source/adapters/journal/files.ts': 'writes; what it opens is made sure of',
      'source/adapters/journal/end.ts': 'writes a file that it has just read or made, and never waits either',
      'source/adapters/journal/mark.ts': 'writes a file that it has just read or made',
      'source/adapters/lock/owner-file.ts': 'makes a file of its own',
      'source/adapters/lock/lock.ts': 'holds open what it has just made',
      'source/adapters/lock/presence.ts': 'holds the state folder open',
      'source/adapters/socket/introduction.ts': 'makes a file, and opens one to write that never waits',
      'source/adapters/system/linux/abstract-names.ts': 'files of the kernel',
      'source/adapters/system/linux/linux.ts': 'files of the kernel, and one of the system',
      'source/adapters/system/linux/open-files.ts': 'files of the kernel',
      'source/adapters/system/linux/cgroup.ts': 'files of the kernel',
      'source/adapters/system/linux/proc-table.ts': 'files of the kernel',
      'source/adapters/git/checkout/user-files.ts':
        'reads files of any name and size as it goes, and never waits either',
      'source/adapters/activity/activity-file.ts': 'appends to a file of its own, and never waits either',
      'source/adapters/processes/outgoing/notify-program.ts': 'opens what it has just made, in a folder of its own',
      'source/adapters/processes/run-inherited.ts': 'appends to a log of its own, and never waits either',
      'source/cli/commands/work/acp-host.ts': 'its own stdin',
      'source/cli/screen/detach-tty.ts': '/dev/null',
      'source/cli/screen/save-text.ts': 'makes a file that was not there',
    };
    const rest = openers.filter(path => !(path in others) && !/source\/(?:ui|commands|demo|agents\/demo)\//.test(path));
    expect(rest).toEqual(['source/adapters/regular-file.ts']);
    expect(Object.keys(others).filter(path => !openers.includes(path))).toEqual([]);
  });

  it('what only Linux has is asked for in one folder', () => {
    const linux = holding(/['"`]\/(?:proc|sys)\b|['"`]\\0\$\{|\bstatfsSync\(|\/etc\/machine-id/);
    // bubblewrap, which exists for Linux alone, mounts it.
    const asks = linux.filter(path => !path.startsWith('source/agents/launch/sandbox'));
    expect(asks.filter(path => !path.startsWith('source/adapters/system/linux/'))).toEqual([]);
    const choosers = holding(/process\.platform/);
    // Whether there is a load average at all, and a line of the crash report.
    const others = ['source/adapters/machine/machine.ts', 'source/cli/screen/crash.ts'];
    expect(choosers.filter(path => !path.startsWith('source/adapters/system/'))).toEqual(others);
  });

  it('nothing is deleted by a path from data: no recursive removal outside the git adapter and our own scratch (S10)', () => {
    const removers = holding(/\brm(?:Sync)?\([^)]*recursive: true/);
    // A scratch folder that was just made by its own hand, and the demo's repository.
    const scratch = holding(/mkdtemp/);
    const others = removers.filter(
      path => !scratch.includes(path) && !/source\/(?:adapters\/git\/|cli\/demo)/.test(path),
    );
    expect(others).toEqual([]);
  });
});

describe('expressions on foreign text (S16)', () => {
  const megabyte = (part: string) => part.repeat(Math.ceil(1_000_000 / part.length));
  const hostile = [
    'a',
    ' ',
    '\u001b[',
    '\u001b]0;',
    '\u0301',
    '"',
    '{"type":"',
    'rate limit ',
    'status 429 ',
    'retry after 1',
    'Tokens: 1',
    'eyJ-.',
    'sk-',
    '//@',
    '-----',
    '(((((',
    '\\',
    '\u009b1;',
  ];

  // A quadratic search of a megabyte takes minutes: the test's own time limit is what fails it.
  it('a megabyte of anything costs no more than its length, in whatever reads it', () => {
    const redact = createRedactor({ A_KEY: 'aaaaaaaaaaaa' });
    const registry = new AgentRegistry({ agents: {} }, ['node', 'cli.js']);
    const readers = registry.names().flatMap(name => registry.get(name)?.createReader() ?? []);
    for (const part of hostile) {
      const line = megabyte(part);
      sanitizeLine(line, 1_000_000);
      sanitizeBlock(line, 1_000_000);
      escapePath(line);
      redact(line);
      for (const reader of readers) for (const stream of ['out', 'err'] as const) reader.read(line, stream);
    }
  });
});

describe('what is shipped (S21)', () => {
  const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
  const lock = JSON.parse(read('package-lock.json')) as {
    packages: Record<
      string,
      {
        /** Where it is installed under another one. */
        name?: string;
        version?: string;
        resolved?: string;
        integrity?: string;
        hasInstallScript?: boolean;
        gypfile?: boolean;
      }
    >;
  };

  it('every dependency is pinned to one version, which the lock file has', () => {
    const wanted = { ...manifest.dependencies, ...manifest.devDependencies };
    for (const [name, version] of Object.entries(wanted)) {
      expect(version, name).toMatch(/^(?:npm:@?[a-z0-9/-]+@)?\d+\.\d+\.\d+$/);
      expect(lock.packages[`node_modules/${name}`]?.version, name).toBe(version.split('@').at(-1));
    }
  });

  it('no package of the product runs a script when it is installed, and each is proven by its hash', () => {
    // Everything is bundled: nothing is installed beside it, and the notices name what is inside.
    expect(manifest.dependencies).toBeUndefined();
    const bundled = [...read('THIRD_PARTY_NOTICES').matchAll(/^-{78}\n\n(\S+) (\d\S*) \(/gm)];
    expect(bundled.length).toBeGreaterThan(50);
    const shipped = bundled.map(([, name = '', version]) => {
      const found = Object.entries(lock.packages).find(
        ([path, one]) => (one.name ?? path.split('node_modules/').at(-1)) === name && one.version === version,
      );
      if (found === undefined) throw new Error(`${name} ${version} is not in the lock file`);
      return found;
    });
    expect(
      shipped.filter(([, one]) => one.hasInstallScript === true || one.gypfile === true).map(([path]) => path),
    ).toEqual([]);
    expect(shipped.filter(([, one]) => one.integrity === undefined).map(([path]) => path)).toEqual([]);
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare'])
      expect(manifest.scripts?.[script]).toBeUndefined();
  });
});

describe('SECURITY.md', () => {
  const rows = read('SECURITY.md')
    .split('\n')
    .filter(line => /^\| S\d+ \|/.test(line));

  it('has a row for each rule, with tests that exist or the reason why none can', () => {
    expect(rows.map(row => Number(/S(\d+)/.exec(row)?.[1]))).toEqual(Array.from({ length: 22 }, (_, at) => at + 1));
    for (const row of rows) {
      const shown = row.split('|').at(-2) ?? '';
      const tests = [...shown.matchAll(/`(test\/[^`]+)`/g)].map(found => found[1] ?? '');
      if (tests.length === 0) expect(shown).toMatch(/does not apply: .{20}/);
      for (const path of tests) expect(existsSync(join(root, path)), `${row.slice(0, 6)} ${path}`).toBe(true);
    }
  });
});
