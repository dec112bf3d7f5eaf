/**
 * Tries whether the tests notice faults: `npm run mutate -- [--sample N] [--seed N] FILE…` copies the tree, makes one small edit at a time
 * in the files, runs the tests of their room, and lists the edits that no test noticed. Edits come from the list of operators below, all
 * places of a file in turn; `--sample` takes that many of them, evenly, from a place that the seed chooses. Exit 1 where any survived.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Room → the tests that are run for an edit in it, in stages: what is quick first, the next only where that notices nothing. */
const rooms = JSON.parse(readFileSync('test/mutations.json', 'utf8'));

/** Name, what is looked for, what stands there instead. */
const operators = [
  ['negate a condition', /\bif \((?!!?\()([^()]*(?:\([^()]*\)[^()]*)*)\)/g, 'if (!($1))'],
  ['swap a comparison', /(?<=[\w)\]] )(===|!==|<=|>=|<|>)(?= [\w('"[])/g, op => swaps[op]],
  ['swap and with or', / (&&|\|\|) /g, op => (op.includes('&') ? ' || ' : ' && ')],
  ['skip a sync', /^( *)(?:fs\.)?(?:fsyncSync|fdatasyncSync|syncFolder)\([^;]*\);$/gm, '$1;'],
  ['drop a call', /^( *)(?:await )?(?:this\.)?[#\w.]+\([^;{}]*\);$/gm, '$1;'],
  ['drop a throw', /^( *)throw [^;]*;$/gm, '$1;'],
  ['change a default', /(?<== )(true|false)(?=[ ,;)])/g, value => (value === 'true' ? 'false' : 'true')],
  ['move by one', / ([+-]) 1\b/g, sign => (sign.includes('+') ? ' + 2' : ' - 2')],
];
const swaps = { '===': '!==', '!==': '===', '<': '>=', '>=': '<', '>': '<=', '<=': '>' };

const args = process.argv.slice(2);
const option = (name, otherwise) => {
  const at = args.indexOf(name);
  return at < 0 ? otherwise : Number(args.splice(at, 2)[1]);
};
const [sample, seed] = [option('--sample', Number.POSITIVE_INFINITY), option('--seed', 1)];
if (args.length === 0) throw new Error('Name the files: npm run mutate -- [--sample N] [--seed N] FILE…');

const all = args.flatMap(editsOf);
const step = Math.max(1, all.length / sample);
const chosen = Array.from(
  { length: Math.min(sample, all.length) },
  (_, n) => all[(seed + Math.floor(n * step)) % all.length],
);
const tree = mkdtempSync(join(tmpdir(), 'cm-tui-mutate-'));
process.on('exit', () => rmSync(tree, { recursive: true, force: true }));
for (const name of execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0').filter(Boolean)) {
  cpSync(name, join(tree, name), { recursive: true });
}
symlinkSync(resolve('node_modules'), join(tree, 'node_modules'));

for (const room of new Set(chosen.map(({ file }) => roomOf(file)))) {
  if (!testsPass(room))
    throw new Error(`The tests of ${room} fail without any edit; nothing could be learned from them.`);
}

const survivors = [];
for (const [n, edit] of chosen.entries()) {
  const before = readFileSync(edit.file, 'utf8');
  writeFileSync(
    join(tree, edit.file),
    before.slice(0, edit.at) + edit.after + before.slice(edit.at + edit.before.length),
  );
  const noticed = !testsPass(roomOf(edit.file));
  writeFileSync(join(tree, edit.file), before);
  const line = before.slice(0, edit.at).split('\n').length;
  console.log(
    `${n + 1}/${chosen.length} ${noticed ? 'noticed' : 'SURVIVED'} ${edit.file}:${line} ${edit.name}: ${edit.before.trim()}`,
  );
  if (!noticed) survivors.push(edit);
}
const share = chosen.length === 0 ? 0 : (100 * survivors.length) / chosen.length;
console.log(
  `${survivors.length} of ${chosen.length} edits survived (${share.toFixed(1)} %); ${all.length} are possible in these files.`,
);
process.exitCode = survivors.length === 0 ? 0 : 1;

function editsOf(file) {
  const text = readFileSync(file, 'utf8');
  return operators.flatMap(([name, pattern, after]) =>
    [...text.matchAll(pattern)]
      .filter(({ index }) => !/^\s*(?:\*|\/\/|\/\*|import\b)/.test(text.slice(text.lastIndexOf('\n', index) + 1)))
      .map(found => {
        const [before] = found;
        const changed =
          typeof after === 'function'
            ? after(before)
            : before.replace(new RegExp(pattern.source, pattern.flags), after);
        return { file, name, at: found.index, before, after: changed };
      })
      .filter(edit => edit.after !== undefined && edit.after !== edit.before),
  );
}

function roomOf(file) {
  const room = Object.keys(rooms).find(path => file.startsWith(path));
  if (room === undefined) throw new Error(`test/mutations.json names no tests for ${file}`);
  return room;
}

function testsPass(room) {
  return rooms[room].every(tests => {
    const options = ['--bail=1', '--maxWorkers=1', '--testTimeout=240000'];
    const run = ['node_modules/vitest/vitest.mjs', 'run', ...tests, ...options];
    return spawnSync(process.execPath, run, { cwd: tree, stdio: 'ignore', timeout: 600_000 }).status === 0;
  });
}
