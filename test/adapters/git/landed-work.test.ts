import { afterEach, describe, expect, test } from 'vitest';
import { createGit } from '../../../source/adapters/git/index.ts';
import { createRepository, type TestRepository } from '../../helpers/git/repository.ts';

const opened: TestRepository[] = [];
afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

const base = { 'a.txt': 'one\ntwo\nthree\nfour\nfive\nsix\n', 'other.txt': 'other\n' };
const changed = base['a.txt'].replace('two', 'TWO');

/** A repository with a branch of two commits that left `main` at its first commit; `main` has moved on since. */
function begin() {
  const repo = createRepository({ files: base });
  opened.push(repo);
  repo.git('branch', 'work');
  repo.git('checkout', '-q', 'work');
  repo.write('a.txt', changed);
  repo.commit('Two in capitals');
  repo.write('new.txt', 'new\n');
  const head = repo.commit('Add new');
  repo.git('checkout', '-q', 'main');
  repo.write('other.txt', 'moved on\n');
  repo.commit('Other work');
  const find = async (isOwn = true) => {
    const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
    return git.findLanded({ head, tip: repo.git('rev-parse', 'main'), isOwn });
  };
  const squash = () => {
    repo.git('merge', '-q', '--squash', 'work');
    return repo.commit('Work (#12)');
  };
  const edit = (text: string, message: string) => {
    repo.write('a.txt', text);
    return repo.commit(message);
  };
  return { repo, head, find, squash, edit };
}

describe('work that somebody else has landed is found', () => {
  test('by a merge, also of a branch that had merged it before', async () => {
    const { repo, find } = begin();
    repo.git('checkout', '-q', '-b', 'release');
    repo.git('merge', '-q', '--no-ff', '--no-edit', 'work');
    repo.git('checkout', '-q', 'main');
    repo.git('merge', '-q', '--no-ff', '--no-edit', 'release');
    const oid = repo.git('rev-parse', 'main');
    repo.write('other.txt', 'later\n');
    repo.commit('Later');
    expect(await find()).toEqual({ oid, style: 'merge' });
  });

  test('without a commit before it where two of its commits make the same change: no copy belongs to one of them', async () => {
    const { repo } = begin();
    repo.git('checkout', '-q', '-B', 'work', 'work~2');
    for (const text of [changed, base['a.txt'], changed]) {
      repo.write('a.txt', text);
      repo.commit('Again');
    }
    repo.write('new.txt', 'new\n');
    repo.commit('Add new');
    const head = repo.git('rev-parse', 'HEAD');
    repo.git('checkout', '-q', 'main');
    repo.git('cherry-pick', 'work~3', 'work~2', 'work~1', 'work');
    const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
    const tip = repo.git('rev-parse', 'main');
    const found = await git.findLanded({ head, tip, isOwn: true });
    expect(found?.oid).toBe(tip);
    expect(found?.from).toBeUndefined();
  });

  test('by moving the target to it', async () => {
    const { repo, head, find } = begin();
    repo.git('reset', '-q', '--hard', 'main~1');
    repo.git('merge', '-q', '--ff-only', 'work');
    expect(await find()).toEqual({ oid: head, style: 'ff' });
    repo.write('other.txt', 'later\n');
    repo.commit('Later');
    expect(await find()).toEqual({ oid: head, style: 'ff' });
  });

  test('by a squash, although the target has changed the same lines since', async () => {
    const { find, squash, edit } = begin();
    const oid = squash();
    expect(await find()).toEqual({ oid, style: 'squash' });
    edit(changed.replace('TWO', 'Two, after review'), 'Review');
    expect(await find()).toEqual({ oid, style: 'squash' });
  });

  test('by a rebase, or a cherry-pick of each commit', async () => {
    const { repo, find, edit } = begin();
    const from = repo.git('rev-parse', 'main');
    repo.git('cherry-pick', 'main..work');
    const oid = repo.git('rev-parse', 'main');
    expect(await find()).toEqual({ oid, style: 'rebase', from });
    edit(changed.replace('TWO', 'Two, after review'), 'Review');
    expect(await find()).toEqual({ oid, style: 'rebase', from });
  });

  test('by copies with something else between them, which are not commits in a row', async () => {
    const { repo, find } = begin();
    repo.git('cherry-pick', 'work~1');
    repo.write('other.txt', 'between\n');
    repo.commit('Between');
    repo.git('cherry-pick', 'work');
    expect(await find()).toEqual({ oid: repo.git('rev-parse', 'main'), style: 'rebase' });
  });

  test('by a commit that holds more than it', async () => {
    const { repo, find } = begin();
    repo.git('merge', '-q', '--squash', 'work');
    repo.write('a.txt', changed.replace('six', 'SIX'));
    const oid = repo.commit('Work, and more');
    repo.write('other.txt', 'later\n');
    repo.commit('Later');
    expect(await find()).toEqual({ oid, style: 'squash' });
  });

  test('by the trailer of a candidate, however it was changed afterwards', async () => {
    const { repo, head, find, edit } = begin();
    repo.git('merge', '-q', '--squash', 'work');
    repo.write('new.txt', 'new, with a fix\n');
    const oid = repo.commit(`Work\n\nCm-Head: ${head}`);
    edit(changed.replace('TWO', 'Two, after review'), 'Review');
    expect(await find()).toEqual({ oid, style: 'squash' });
  });
});

describe('work is not found', () => {
  test('where only a part of it is on the target', async () => {
    const { repo, find } = begin();
    repo.git('cherry-pick', 'work~1');
    expect(await find()).toBeNull();
  });

  test('where somebody has reverted it, even if the lines changed again', async () => {
    const { repo, find, squash, edit } = begin();
    squash();
    repo.git('revert', '--no-edit', 'HEAD');
    expect(await find()).toBeNull();
    edit(base['a.txt'].replace('two', 'zwei'), 'Something else');
    expect(await find()).toBeNull();
  });

  test('where somebody has undone all of it by hand, even if other lines changed again', async () => {
    const { repo, find, squash, edit } = begin();
    squash();
    repo.git('revert', '-n', 'HEAD');
    repo.commit('Not that way');
    edit(changed.replace('TWO', 'Two, after review'), 'Review');
    expect(await find()).toBeNull();
  });

  test('where somebody has undone one of its commits by hand, even if other lines changed again', async () => {
    const { repo, find, edit } = begin();
    repo.git('cherry-pick', 'main..work');
    repo.git('rm', '-q', 'new.txt');
    repo.commit('Not that file');
    edit(changed.replace('TWO', 'Two, after review'), 'Review');
    expect(await find()).toBeNull();
  });

  test('where a commit with the same lines has other files that are binary', async () => {
    const { repo, edit } = begin();
    repo.git('checkout', '-q', '-b', 'picture', 'main');
    repo.write('a.txt', changed);
    repo.write('p.bin', Buffer.from([0, 1, 2]));
    const head = repo.commit('With a picture');
    repo.git('checkout', '-q', 'main');
    repo.write('a.txt', changed);
    repo.write('p.bin', Buffer.from([0, 1, 3]));
    repo.commit('With another picture');
    edit(changed.replace('TWO', 'Two'), 'Review');
    const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
    expect(await git.findLanded({ head, tip: repo.git('rev-parse', 'main'), isOwn: true })).toBeNull();
  });

  test('of a branch that changes nothing, or only copied a commit of the target', async () => {
    const { repo } = begin();
    repo.git('checkout', '-q', '-b', 'copy', 'main~1');
    repo.git('cherry-pick', 'main');
    const head = repo.git('rev-parse', 'copy');
    const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
    expect(await git.findLanded({ head, tip: repo.git('rev-parse', 'main'), isOwn: false })).toBeNull();
    repo.git('revert', '--no-edit', 'HEAD');
    const nothing = repo.git('rev-parse', 'copy');
    expect(await git.findLanded({ head: nothing, tip: repo.git('rev-parse', 'main'), isOwn: true })).toBeNull();
  });
});
