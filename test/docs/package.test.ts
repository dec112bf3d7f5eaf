import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { notices } from '../../scripts/notices.mjs';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { isLong } from '../helpers/tiers.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

test('the licences of all that is bundled stand in THIRD_PARTY_NOTICES; "npm run docs" writes it', async () => {
  const written = readFileSync(join(root, 'THIRD_PARTY_NOTICES'), 'utf8');
  expect(written).toBe(await notices());
  for (const name of ['ink', 'react', 'simple-git', 'systeminformation', 'conf', 'commander', 'zod'])
    expect(written).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(MIT\\)$`, 'm'));
});

test('says where it comes from and whom to ask, and installs nothing beside itself', () => {
  const { repository, homepage, bugs, keywords, author, dependencies, engines } = manifest;
  expect(repository.url).toMatch(/^git\+https:/);
  for (const text of [homepage, bugs.url, author]) expect(text).toMatch(/\w/);
  expect(keywords.length).toBeGreaterThan(5);
  expect(dependencies).toBeUndefined();
  expect(engines.node).toBe('>=20.19');
});

test('the package runs in an empty folder without a registry, and holds every page that its README names', () => {
  const folder = temporaryFolder();
  // Without its scripts: the program has been built already.
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [packed] = JSON.parse(execFileSync('npm', pack, { cwd: root, encoding: 'utf8' }));
  const files = new Set<string>(packed.files.map(({ path }: { readonly path: string }) => path));
  const pages = ['README.md', ...[...files].filter(path => path.startsWith('docs/') && path.endsWith('.md'))];
  const links = pages.flatMap(page =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(match =>
      resolve('/', dirname(page), match[1] ?? '').slice(1),
    ),
  );
  expect(links.length).toBeGreaterThan(10);
  expect(links.filter(path => !files.has(path) && ![...files].some(file => file.startsWith(`${path}/`)))).toEqual([]);

  const env = { ...process.env, HOME: folder, npm_config_offline: 'true', npm_config_cache: join(folder, 'cache') };
  const run = (...args: string[]) => {
    const npx = ['--yes', `./${packed.filename}`, ...args];
    return execFileSync('npx', npx, { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  };
  expect(run('--version').trim()).toBe(manifest.version);
  if (isLong) expect(run('demo', '--headless')).toContain('"type":"landed"');
  expect(existsSync(join(folder, 'package.json'))).toBe(false);
});
