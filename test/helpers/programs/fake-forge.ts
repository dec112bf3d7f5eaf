import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Product } from './product.ts';

/** A program that answers as `gh` documents it, for one repository whose pull requests are in `state.json` beside it. */
const fakeGh = `#!/usr/bin/env node
const fs = require('node:fs');
const file = require('node:path').join(__dirname, 'state.json');
const args = process.argv.slice(2);
const pulls = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : [];
const option = name => args[args.indexOf(name) + 1];
const shown = ({ head, base, title, body, comments, ...pull }) => pull;
const print = value => process.stdout.write(JSON.stringify(value));
switch (args.slice(0, 2).join(' ')) {
  case 'pr list':
    print(pulls.filter(one => one.head === option('--head') && one.state === 'OPEN').map(shown));
    break;
  case 'pr create': {
    const number = pulls.length + 12;
    const url = 'https://github.com/o/shop/pull/' + number;
    const body = fs.readFileSync(option('--body-file'), 'utf8');
    const what = { head: option('--head'), base: option('--base'), title: option('--title'), body, comments: [] };
    pulls.push({ number, url, state: 'OPEN', mergeCommit: null, statusCheckRollup: [], ...what });
    fs.writeFileSync(file, JSON.stringify(pulls));
    process.stdout.write(url + '\\n');
    break;
  }
  case 'pr view': {
    const pull = pulls.find(one => String(one.number) === args[2]);
    if (pull === undefined) process.exitCode = 1;
    else if (option('--json') === 'comments,reviews') print({ comments: pull.comments, reviews: [] });
    else print(shown(pull));
    break;
  }
  default:
    process.exitCode = 1;
}
`;

export interface FakePull {
  readonly number: number;
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly state: string;
}

export interface FakeForge {
  /** The same repository, with a bare `origin` and a `gh` on the path. */
  readonly product: Product;
  readonly pulls: () => readonly FakePull[];
  /** Somebody does something to a pull request there. */
  change(number: number, changes: Readonly<Record<string, unknown>>): void;
  /** Git in the bare repository, which nobody has checked out. */
  inBare(...args: readonly string[]): string;
  /** Somebody squashes a branch onto another one there, and says so; returns the commit. */
  squash(number: number): string;
}

/** A forge beside a product: a real bare remote, and a program that speaks for it. */
export function withForge(one: Product): FakeForge {
  const bin = join(one.base, 'forge-bin');
  const bare = join(one.base, 'github.com-shop.git');
  const file = join(bin, 'state.json');
  mkdirSync(bin);
  writeFileSync(join(bin, 'gh'), fakeGh, { mode: 0o755 });
  one.git('clone', '-q', '--bare', one.root, bare);
  one.git('remote', 'add', 'origin', bare);
  one.git('fetch', '-q', 'origin');
  const product = one.with({ PATH: `${bin}${delimiter}${one.env.PATH ?? ''}` });
  const read = () => JSON.parse(readFileSync(file, 'utf8')) as FakePull[];
  const inBare = (...args: readonly string[]) =>
    execFileSync('git', args, { cwd: bare, env: one.env, encoding: 'utf8' }).trim();
  const change: FakeForge['change'] = (number, changes) =>
    writeFileSync(file, JSON.stringify(read().map(pull => (pull.number === number ? { ...pull, ...changes } : pull))));
  return {
    product,
    pulls: read,
    change,
    inBare,
    squash(number) {
      const pull = read().find(candidate => candidate.number === number);
      if (pull === undefined) throw new Error(`There is no pull request ${number}.`);
      const tree = inBare('merge-tree', '--write-tree', pull.base, pull.head);
      const message = `${pull.title} (#${number})`;
      const oid = inBare('commit-tree', tree, '-p', inBare('rev-parse', pull.base), '-m', message);
      inBare('update-ref', `refs/heads/${pull.base}`, oid);
      change(number, { state: 'MERGED', mergeCommit: { oid } });
      return oid;
    },
  };
}
