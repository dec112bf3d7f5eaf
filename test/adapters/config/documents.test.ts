import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { settingsJsonSchema, settingsPage } from '../../../scripts/lib/settings-documents.ts';
import { layerSchema } from '../../../source/adapters/config/schema.ts';
import { defaultSettings } from '../../../source/domain/settings.ts';

const docs = fileURLToPath(new URL('../../../docs/', import.meta.url));
const advice = 'run UPDATE_DOCS=1 npx vitest run test/adapters/config and npm run format';

if (process.env.UPDATE_DOCS === '1') {
  fs.writeFileSync(`${docs}settings.schema.json`, `${JSON.stringify(settingsJsonSchema(), null, 2)}\n`);
  fs.writeFileSync(`${docs}settings.md`, settingsPage());
}

test('docs/settings.schema.json is what the code accepts', () => {
  expect(JSON.parse(fs.readFileSync(`${docs}settings.schema.json`, 'utf8')), advice).toEqual(
    JSON.parse(JSON.stringify(settingsJsonSchema())),
  );
});

test('docs/settings.md is up to date', () => {
  expect(fs.readFileSync(`${docs}settings.md`, 'utf8'), advice).toBe(settingsPage());
});

test('the defaults pass their own schema', () => {
  expect(layerSchema().safeParse(defaultSettings)).toEqual({ success: true, data: defaultSettings });
  expect(Object.keys(settingsJsonSchema().properties ?? {}).sort()).toEqual(
    ['$schema', ...Object.keys(defaultSettings)].sort(),
  );
});
