import * as z from 'zod/mini';
import { layerSchema } from '../../source/adapters/config/schema.ts';
import { settingWords } from '../../source/adapters/config/setting-words.ts';
import { defaultSettings, type Settings } from '../../source/domain/settings.ts';

/** The JSON Schema of a settings file, for editors (`docs/settings.schema.json`). */
export function settingsJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(layerSchema(), { io: 'input' });
  const properties: Record<string, unknown> = { $schema: { type: 'string' } };
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const details = typeof property === 'object' ? property : {};
    properties[key] = { description: aboutOf(key), default: defaultOf(key), ...details };
  }
  return { ...schema, title: 'Settings of cm-tui', properties, additionalProperties: false };
}

/** The table of settings for people (`docs/settings.md`). */
export function settingsPage(): string {
  const rows = Object.entries(settingWords).map(
    ([key, { must, about }]) => `| \`${key}\` | ${about} | ${must} | \`${JSON.stringify(defaultOf(key))}\` |`,
  );
  return `${intro}\n| setting | what it does | value | default |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

const intro = `# Settings

A value is looked up in this order: option of the command line, environment (\`CM_TUI_MAX_PARALLEL=2\`; lists and objects as JSON),
the repository's own file (\`<git folder>/cm-tui/config.json\`, written by \`cm-tui config set\`), the tracked \`.cm-tui.json\`, your own file
(\`~/.config/cm-tui/config.json\`), the default. \`agents\`, \`keys\`, \`notify\` and \`fleet\` are merged by name.

Settings in the tracked file that start programs or act without asking are ignored until you accept that
version of the file with \`cm-tui config trust\`; any change to it asks again.
\`docs/settings.schema.json\` describes all settings for editors. This page is generated.
`;

function aboutOf(key: string): string {
  return isKey(key) ? settingWords[key].about : '';
}

function defaultOf(key: string): unknown {
  return isKey(key) ? defaultSettings[key] : undefined;
}

function isKey(key: string): key is keyof Settings {
  return Object.hasOwn(settingWords, key);
}
