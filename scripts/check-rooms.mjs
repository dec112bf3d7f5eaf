// Holds the layout together: imports between rooms as scripts/lib/rooms.mjs allows them, no circles of imports (types included), no two
// exported things of one name, no crowded folder (tests included), no endless file. Part of `npm run lint`; prints one line for each finding.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { filesPerFolder, linesPerFile, rooms } from './lib/rooms.mjs';

const findings = [];
const files = modulesIn('source', 'cli.tsx');
const tests = modulesIn('test');
const texts = new Map(files.map(file => [file, readFileSync(file, 'utf8')]));
const imports = new Map(files.map(file => [file, importsOf(file)]));

checkRooms();
checkCircles();
checkNames();
checkSizes();
for (const finding of findings) console.error(finding);
if (findings.length > 0) process.exit(1);

/** The modules of this working tree below the given paths, from the root. */
function modulesIn(...paths) {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', ...paths], {
    cwd: new URL('..', import.meta.url),
    encoding: 'utf8',
  });
  return listed.split('\0').filter(file => /\.(?:tsx?|m?js)$/.test(file) && existsSync(file));
}

/** Modules that a file imports, static, dynamic and of types alone: paths from the root, or names of packages. */
function importsOf(file) {
  // Statements inside templates (files that the demo writes) name nothing that is here.
  const statement = /^(?:import|export)\s[^;]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;
  return [...texts.get(file).matchAll(statement)]
    .map(([, named, bare, dynamic]) => {
      const module = named ?? bare ?? dynamic;
      return module.startsWith('.') ? posix.join(posix.dirname(file), module) : module;
    })
    .filter(module => texts.has(module) || !module.startsWith('source/'));
}

function roomOf(file) {
  if (file === 'cli.tsx') return 'cli';
  const [, first, second, ...rest] = file.split('/');
  return first === 'adapters' && rest.length > 0 ? `${first}/${second}` : first;
}

function checkRooms() {
  for (const [file, modules] of imports) {
    const room = roomOf(file);
    const allowed = rooms[room];
    if (allowed === undefined) findings.push(`${file}: the room "${room}" is not listed in scripts/lib/rooms.mjs`);
    else
      for (const module of modules)
        if (!isAllowed(room, allowed, module)) findings.push(`${file}: ${room} must not import ${module}`);
  }
}

function isAllowed(room, allowed, module) {
  if (texts.has(module)) {
    const its = roomOf(module);
    return (
      its === room || allowed.rooms === '*' || allowed.rooms.includes(its) || allowed.files?.includes(module) === true
    );
  }
  if (module === 'node:child_process') return allowed.packages.includes(module);
  return allowed.packages.includes(module) || (module.startsWith('node:') && allowed.packages.includes('node:*'));
}

/** Depth first: a module that is met again while it is still being followed closes a circle. */
function checkCircles() {
  const done = new Set();
  const path = [];
  const follow = file => {
    if (path.includes(file)) {
      findings.push(`circular import: ${[...path.slice(path.indexOf(file)), file].join(' → ')}`);
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const module of imports.get(file) ?? []) follow(module);
    path.pop();
    done.add(file);
  };
  for (const file of files) follow(file);
}

function checkNames() {
  const seen = new Map();
  for (const [file, text] of texts) {
    for (const [, name] of text.matchAll(
      /^export (?:async )?(?:function\*?|const|class|interface|type|enum) (\w+)/gm,
    )) {
      if (seen.has(name)) findings.push(`${file}: ${name} is exported by ${seen.get(name)} too`);
      seen.set(name, file);
    }
  }
}

function checkSizes() {
  const folders = new Map();
  for (const [file, text] of texts) {
    const folder = posix.dirname(file);
    folders.set(folder, (folders.get(folder) ?? 0) + 1);
    const lines = text.split('\n').length - 1;
    if (lines > linesPerFile) findings.push(`${file}: ${lines} lines, at most ${linesPerFile}`);
  }
  // Modules only: the pages and screens that tests compare with may lie together.
  for (const file of tests) {
    const folder = posix.dirname(file);
    folders.set(folder, (folders.get(folder) ?? 0) + 1);
  }
  for (const [folder, count] of folders) {
    if (count > filesPerFolder) findings.push(`${folder}: ${count} files, at most ${filesPerFolder}`);
  }
}
