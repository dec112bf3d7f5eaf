import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustBeOnDisk } from '../helpers/core/facts-on-disk.ts';
import { builtProgram, createProduct, type Product } from '../helpers/programs/product.ts';
import { readTrace, straceArguments, type TracedCall, traced } from '../helpers/programs/traced-calls.ts';

/**
 * A whole life of the built program, from the first start to the clean-up of what has landed, as the system saw it: what has to be on disk is
 * there before the step that relies on it. What that is stands here, and is not asked of the program.
 */
const canTrace = straceArguments('/dev/null') !== null;
if (!canTrace) console.log('Durability is not tried: strace is not installed or may not trace here.');

let one: Product;
let calls: readonly TracedCall[];
let state: string;
/** Threads that write to the journal: the main one of each program. */
let main: ReadonlySet<number>;
/** What came with the landing. */
let landed: { readonly objects: readonly string[]; readonly files: readonly string[] };

beforeAll(() => {
  if (!canTrace) return;
  one = createProduct({ items: [{ id: 'US-041', files: ['out/'] }], settings: { checks: [['true']] } });
  one.write('README.md', 'private\n');
  one.git('stash', 'push', '-q', '-m', 'mine');
  const base = one.git('rev-parse', 'roadmap');
  const program = `"${process.execPath}" "${builtProgram}"`;
  const life = `${program} start --headless --approve clean --exit-when-idle && ${program} clean --yes`;
  const trace = join(one.base, 'trace');
  traced(trace, ['sh', '-c', life], { cwd: one.root, env: one.env });
  calls = readTrace(trace);
  state = join(one.root, '.git/cm-tui');
  main = new Set(calls.filter(({ name, file }) => name === 'write' && file === journal()).map(({ pid }) => pid));
  const objects = one.git('rev-list', '--objects', '--no-object-names', `${base}..roadmap`).split('\n');
  landed = { objects, files: one.git('diff', '--name-only', base, 'roadmap').split('\n') };
});

afterAll(() => one?.cleanup());

const journal = () => join(state, 'journal.jsonl');
const isMain = ({ pid }: TracedCall) => main.has(pid);
const isSync = ({ name }: TracedCall) => name === 'fsync' || name === 'fdatasync';
const makes = ({ name, text }: TracedCall) => name === 'openat' && /O_CREAT/.test(text);
const changes = (call: TracedCall) =>
  /^(p?write|ftruncate)/.test(call.name) || (makes(call) && /O_EXCL/.test(call.text));
const renames = ({ name }: TracedCall) => /^(rename|link)/.test(name);
const starts = (program: RegExp) => (call: TracedCall) => call.name === 'execve' && program.test(call.text);

/** Where something happens for the first time. */
function first(what: (call: TracedCall) => boolean): number {
  const at = calls.findIndex(what);
  expect(at, what.toString()).toBeGreaterThan(0);
  return at;
}

/** Everything written to a file before a call was on disk by then. */
function isWritten(file: string, before: number): boolean {
  const earlier = calls.slice(0, before);
  const written = earlier.findLastIndex(call => call.file === file && changes(call));
  return written >= 0 && earlier.slice(written).some(call => call.file === file && isSync(call));
}

/** So was its name, given when it was made or by a rename. */
function isNamed(file: string, before: number): boolean {
  const earlier = calls.slice(0, before);
  const named = earlier.findLastIndex(
    call => (call.file === file && makes(call)) || (renames(call) && placeOf(call) === file),
  );
  return named >= 0 && earlier.slice(named).some(call => call.file === dirname(file) && isSync(call));
}

/** Files of our state folder that were made or renamed to, by a pattern of their names. */
function notes(pattern: RegExp): readonly string[] {
  const names = calls
    .filter(isMain)
    .flatMap(call => (makes(call) ? [call.file] : renames(call) ? [call.paths.at(-1) ?? ''] : []));
  const found = [...new Set(names)].filter(name => name.startsWith(`${state}/`) && pattern.test(name));
  expect(found, String(pattern)).not.toEqual([]);
  return found;
}

/** Where a call has put a name. Git at work in the repository may say it from there. */
function placeOf({ paths }: TracedCall): string {
  return resolve(one.root, paths.at(-1) ?? '');
}

const refRename = (ref: RegExp) => (call: TracedCall) => renames(call) && ref.test(call.paths.at(-1) ?? '');
const targetMoves = refRename(/\/\.git\/refs\/heads\/roadmap$/);
/** Somebody waits for a file under the name that it has now, as only the program does. */
const waitsFor = (call: TracedCall, file: string) => isSync(call) && call.file === file;
const agentStarts = starts(/\/agent\.sh"/);
const checkStarts = starts(/"check", "true"/);

describe.skipIf(!canTrace)('in a whole life of the program', { timeout: 300_000 }, () => {
  it('every fact that has to be on disk is there before its writer does anything else', () => {
    const counts: Record<string, number> = {};
    let waiting: string[] = [];
    // What the writer notes about the end of its file, before it writes more to it, is a part of writing.
    const noted = (call: TracedCall) => call.file === join(state, 'journal.end');
    for (const call of calls.filter(isMain).filter(call => !noted(call))) {
      if (call.name === 'write' && call.file === journal()) {
        const type = /\\"type\\":\\"([a-z-]+)\\"/.exec(call.text)?.[1] ?? '';
        if (mustBeOnDisk.has(type)) waiting.push(type);
      } else if (isSync(call) && call.file === journal()) {
        for (const type of waiting) counts[type] = (counts[type] ?? 0) + 1;
        waiting = [];
      } else if (call.file !== '' || call.paths.length > 0 || call.text.startsWith('1<')) {
        expect(waiting, `${call.name}(${call.text.slice(0, 200)})`).toEqual([]);
      }
    }
    expect(waiting).toEqual([]);
    expect(counts).toEqual({
      'instance-requested': 1,
      'settings-sealed': expect.any(Number),
      'instance-started': 1,
      'instance-exited': 1,
      'merge-approved': 1,
      'candidate-prepared': 1,
      'checks-started': 1,
      'check-running': 1,
      'checks-finished': 1,
      'landing-started': 1,
      landed: 1,
      'cleanup-started': 1,
      'instance-cleaned': 1,
    });
  });

  it('each intent is there before its step', () => {
    const steps: Readonly<Record<string, (call: TracedCall) => boolean>> = {
      'instance-requested': starts(/"worktree", "add"/),
      'settings-sealed': agentStarts,
      'checks-started': checkStarts,
      'landing-started': call => makes(call) && call.file === join(one.root, '.git/index.lock'),
      landed: call => call.text.includes('cleanup-started'),
      'cleanup-started': call => makes(call) && call.file.startsWith(join(state, 'removing/')),
    };
    for (const [type, step] of Object.entries(steps)) {
      const said = first(call => call.file === journal() && call.text.includes(`\\"type\\":\\"${type}\\"`));
      const synced = calls.findIndex((call, at) => at > said && call.file === journal() && isSync(call));
      expect(synced, type).toBeLessThan(first(step));
    }
  });

  it('notes, with their names, are there before the step that they tell of', () => {
    const steps: readonly (readonly [RegExp, (call: TracedCall) => boolean])[] = [
      [/\/creating\/\w+\.json$/, starts(/"worktree", "add"/)],
      [/\/landing\.json$/, call => makes(call) && call.file === join(one.root, '.git/index.lock')],
      [
        /\/rescue\/landing-\d+\/steps\.json$/,
        call => renames(call) && isMain(call) && call.paths[0]?.startsWith(`${one.root}/docs`) === true,
      ],
      [/\/removing\/\w+$/, starts(/"worktree", "remove"/)],
      [/\/journal\.jsonl\.new$/, call => renames(call) && call.paths.at(-1) === journal()],
    ];
    for (const [pattern, step] of steps) {
      const at = first(step);
      for (const note of notes(pattern)) {
        expect(isWritten(note, at), note).toBe(true);
        expect(isNamed(note, at), note).toBe(true);
      }
    }
    // Folders that are new hold nothing as long as their own names are not there.
    for (const folder of new Set(notes(/\/((creating|removing|outside)\/\w+(\.json)?|steps\.json)$/).map(dirname))) {
      const used = first(call => makes(call) && dirname(call.file) === folder);
      expect(
        calls.slice(0, used).some(call => call.file === dirname(folder) && isSync(call)),
        folder,
      ).toBe(true);
    }
  });

  it('the lock of the index tells whose it is before anything is touched', () => {
    const lock = join(one.root, '.git/index.lock');
    const moved = first(
      call => renames(call) && isMain(call) && call.paths[0]?.startsWith(`${one.root}/docs`) === true,
    );
    expect(isWritten(lock, moved)).toBe(true);
  });

  it('what takes a place by a rename is there before it, and the new name after it', () => {
    expect(
      isNamed(
        journal(),
        first(call => call.file === journal() && call.name === 'write'),
      ),
    ).toBe(true);
    const looks = notes(/\/outside\/\w+\.json$/);
    for (const look of looks) {
      expect(isWritten(`${look}.tmp`, first(agentStarts)), look).toBe(true);
      expect(isNamed(look, first(agentStarts)), look).toBe(true);
    }
    const owners = calls.flatMap((call, at) =>
      isMain(call) && call.name === 'link' && /\/owner\./.test(call.text) ? [{ call, at }] : [],
    );
    expect(owners).toHaveLength(2);
    for (const { call, at } of owners) expect(isWritten(call.paths[0] ?? '', at)).toBe(true);
  });

  it('refs are there when they get their names: pins before the agent and the checks start', () => {
    const moved = calls.flatMap((call, at) =>
      refRename(/\/\.git\/refs\/(cm\/|heads\/roadmap$)/)(call) ? [{ call, at }] : [],
    );
    for (const { call, at } of moved) expect(isWritten(call.paths[0] ?? '', at), call.text).toBe(true);
    const before = (step: number, ref: RegExp) =>
      moved.filter(({ call, at }) => at < step && ref.test(call.text)).length;
    expect(before(first(agentStarts), /refs\/cm\/user\/[0-9a-f]+"$/)).toBeGreaterThan(1);
    expect(before(first(checkStarts), /refs\/cm\/(cand|head)\/041"$/)).toBe(2);
    expect(before(calls.length, /refs\/cm\/landed\/041"$/)).toBe(1);
    expect(before(calls.length, /refs\/heads\/roadmap"$/)).toBe(1);
  });

  it('every object of what lands is there before the target moves, whoever made it', () => {
    const at = first(targetMoves);
    expect(landed.objects.length).toBeGreaterThan(4);
    for (const oid of landed.objects) {
      const file = join(one.root, '.git/objects', oid.slice(0, 2), oid.slice(2));
      const made = calls.find(call => renames(call) && placeOf(call) === file)?.paths[0] ?? '';
      const synced =
        isWritten(resolve(one.root, made), at) || calls.slice(0, at).some(call => call.file === file && isSync(call));
      expect(synced, oid).toBe(true);
      expect(isNamed(file, at), oid).toBe(true);
    }
  });

  it('what an agent has committed, and its branch, are there before that is taken down', () => {
    const judged = first(call => call.file === journal() && call.text.includes('instance-judged'));
    const branch = join(one.root, '.git/refs/heads/roadmap-041');
    const files = landed.objects.map(oid => join(one.root, '.git/objects', oid.slice(0, 2), oid.slice(2)));
    const made = files.filter(file => calls.slice(0, judged).some(call => renames(call) && placeOf(call) === file));
    expect(made.length).toBeGreaterThan(3);
    for (const file of [...made, branch]) {
      expect(
        calls.slice(0, judged).some(call => waitsFor(call, file)),
        file,
      ).toBe(true);
    }
    const begun = first(starts(/"worktree", "add"/));
    const named = calls.findIndex((call, at) => at > begun && renames(call) && placeOf(call) === branch);
    expect(isWritten(`${branch}.lock`, named)).toBe(true);
  });

  it('so are the new files of the checkout with their names, and its index before the note of the landing goes', () => {
    const at = first(targetMoves);
    expect(landed.files).toEqual(['docs/roadmap/ROADMAP.md', 'out/US-041.txt']);
    for (const file of landed.files) {
      const laidReady = calls.find(call => makes(call) && call.file.endsWith(`/new/${file}`))?.file ?? '';
      expect(isWritten(laidReady, at), file).toBe(true);
      expect(isNamed(join(one.root, file), at), file).toBe(true);
    }
    const index = join(one.root, '.git/index');
    const installed = first(call => isMain(call) && renames(call) && call.paths.at(-1) === index);
    const renamed = calls.flatMap((call, at) =>
      at < installed && renames(call) && call.paths.at(-1) === calls[installed]?.paths[0] ? [at] : [],
    );
    expect(renamed).toHaveLength(2);
    for (const at of renamed) expect(isWritten(calls[at]?.paths[0] ?? '', at)).toBe(true);
    expect(
      isNamed(
        index,
        first(call => call.name === 'unlink' && call.paths[0] === join(state, 'landing.json')),
      ),
    ).toBe(true);
  });
});
