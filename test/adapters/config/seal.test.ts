import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { sealsOf } from '../../../source/adapters/config/index.ts';
import { saysNothing } from '../../../source/coordinator/runs/settings-change.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const commonDir = temporaryFolder();
const home = temporaryFolder();
const file = path.join(commonDir, 'cm-tui/config.json');
fs.mkdirSync(path.dirname(file));
const seals = () => sealsOf({ root: null, commonDir, env: { HOME: home } });
const put = (text: string, at = file) => {
  fs.rmSync(at, { force: true, recursive: true });
  fs.mkdirSync(path.dirname(at), { recursive: true });
  fs.writeFileSync(at, text);
};

test('what paces and paints, order and layout do not count; everything else does', () => {
  const empty = seals();
  put('{}');
  expect(seals()).toEqual(empty);
  expect(new Set(Object.values(empty))).toEqual(new Set([saysNothing]));
  put('{"approve":"none","checks":[["a"]],"theme":"light","maxParallel":3}');
  const before = seals();
  expect(before).not.toEqual(empty);
  put('{ "maxParallel": 2,\n "checks": [["a"]], "approve": "none" }');
  expect(seals()).toEqual(before);
  for (const change of [
    '"approve":"clean"',
    '"ownershipPolicy":"warn"',
    '"keys":{"approve":["x"]}',
    '"agents":{"a":{"command":"evil"}}',
    '"setup":["evil"]',
    '"ownership":"/dev/null"',
    '"unknown":1',
  ]) {
    put(`{"checks":[["a"]],${change}}`);
    expect(seals(), change).not.toEqual(before);
  }
});

test.each([
  ['a link', () => fs.symlinkSync('/etc/hostname', file)],
  ['a folder', () => fs.mkdirSync(file)],
  ['no JSON', () => fs.writeFileSync(file, '{')],
])('%s in its place is a change', (_what, make) => {
  put('{}');
  const before = seals();
  fs.rmSync(file);
  make();
  expect(seals()).not.toEqual(before);
});

test('the user’s own file and what was accepted of tracked settings are sealed too', () => {
  for (const at of [path.join(home, '.config/cm-tui/config.json'), path.join(commonDir, 'cm-tui/trust.json')]) {
    const before = seals();
    put('{"trackedSettings":"abc","approve":"clean"}', at);
    expect(seals()).not.toEqual(before);
  }
});
