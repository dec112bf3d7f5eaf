import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { bundle } from '../../../scripts/bundle.mjs';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

type Metafile = Awaited<ReturnType<typeof bundle>>;

let outputs: Metafile['outputs'];
beforeAll(async () => {
  ({ outputs } = await bundle('cli.tsx', join(temporaryFolder(), 'cli.js')));
});

/** Everything that is loaded with these modules: packages by name, own files by path. Dynamic imports are loaded later, or never. */
function loadedWith(...modules: string[]): ReadonlySet<string> {
  const files = new Set<string>();
  const visit = (file: string): void => {
    const output = outputs[file];
    if (files.has(file) || output === undefined) return;
    files.add(file);
    for (const { path, kind } of output.imports) if (kind === 'import-statement') visit(path);
  };
  for (const module of ['cli.tsx', ...modules]) {
    const entry = Object.entries(outputs).find(([, output]) => output.entryPoint === module);
    if (entry === undefined) throw new Error(`${module} is not loaded dynamically`);
    visit(entry[0]);
  }
  const inputs = [...files].flatMap(file => Object.keys(outputs[file]?.inputs ?? {}));
  return new Set(
    inputs.map(path => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(path)?.[1] ?? path),
  );
}

const main = ['source/cli/main.ts', 'source/cli/program.ts'];
const heavy = [
  'react',
  'react-reconciler',
  'ink',
  'yoga-layout',
  'simple-git',
  'execa',
  'systeminformation',
  'zod',
  'conf',
];

test('--version and help load the parser and nothing of the product', () => {
  const loaded = loadedWith(...main);
  expect(loaded).toContain('commander');
  expect([...heavy, 'picomatch'].filter(name => loaded.has(name))).toEqual([]);
  expect([...loaded].filter(path => /^source\/(coordinator|runtime|ui|agents)\//.test(path))).toEqual([]);
});

/** What answers where no coordinator runs. */
const alone = ['source/cli/session/compose.ts', 'source/adapters/git/late.ts'];

test.each(['status', 'plan'])('%s loads no screen, and nothing that starts agents or measures the machine', name => {
  const loaded = loadedWith(...main, ...alone, `source/cli/commands/inspect/${name}.ts`);
  expect(loaded).toContain('source/runtime/runtime.ts');
  const spared = ['react', 'react-reconciler', 'ink', 'yoga-layout', 'execa', 'systeminformation', 'conf'];
  expect(spared.filter(package_ => loaded.has(package_))).toEqual([]);
  // The words for states are the screen's, and need nothing of it.
  const screen = [...loaded].filter(path => path.startsWith('source/ui/'));
  expect(screen.filter(path => path !== 'source/ui/presentation/status.ts')).toEqual([]);
});

test.each(['inspect/status', 'land/act', 'land/queue', 'work/spawn'])(
  '%s loads neither git nor a coordinator where one answers',
  name => {
    const loaded = loadedWith(...main, `source/cli/commands/${name}.ts`);
    expect(heavy.filter(package_ => loaded.has(package_) && package_ !== 'zod')).toEqual([]);
    const spared = [...loaded].filter(path =>
      /^source\/(runtime\/runtime|adapters\/git\/(landing|late\.ts))/.test(path),
    );
    expect(spared).toEqual([]);
    expect(loaded).not.toContain('source/coordinator/update.ts');
  },
);

test('the first frame loads no view that a key opens, and no library for later', () => {
  const loaded = loadedWith(...main, 'source/cli/commands/work/start.ts', 'source/cli/screen/open-screen.ts');
  expect(loaded).toContain('ink');
  expect(['execa', 'systeminformation', 'conf'].filter(name => loaded.has(name))).toEqual([]);
  expect([...loaded].filter(path => path.startsWith('source/ui/screens/'))).toEqual(['source/ui/screens/index.ts']);
});

test('a coordinator without an engine loads nothing of other machines; a worker loads what it needs', () => {
  const engine = ['bullmq', 'ioredis', 'pg', 'msgpackr'];
  const start = ['source/cli/commands/work/start.ts', 'source/cli/screen/open-screen.ts'];
  const local = loadedWith(...main, ...start, 'source/cli/commands/fleet/fleet.ts');
  expect(engine.filter(name => local.has(name))).toEqual([]);
  expect([...local].filter(path => /^source\/(adapters\/(fleet|git\/depot)|cli\/worker)\//.test(path))).toEqual([]);
  const worker = loadedWith(...main, 'source/cli/worker/worker.ts');
  expect(engine.filter(name => worker.has(name))).toEqual(engine);
});

test('an agent of the demo loads nothing but itself', () => {
  const loaded = loadedWith('source/cli/commands/setup/demo-agent.ts');
  expect([...heavy, 'commander'].filter(name => loaded.has(name))).toEqual([]);
});

test('every chunk that the built program names is there', () => {
  const dist = join(import.meta.dirname, '..', '..', '..', 'dist');
  const names = new Set(readdirSync(join(dist, 'chunks')));
  const wanted = [...names].flatMap(name => [
    ...readFileSync(join(dist, 'chunks', name), 'utf8').matchAll(/(?:from|import\()"\.\/([\w-]+\.js)"/g),
  ]);
  expect(wanted.length).toBeGreaterThan(50);
  expect(wanted.map(([, name]) => name).filter(name => !names.has(name ?? ''))).toEqual([]);
});
