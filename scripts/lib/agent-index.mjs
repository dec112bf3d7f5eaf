import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const folder = new URL('../../source/agents/programs/', import.meta.url);

/** Writes the list of the built-in agents, source/agents/programs/index.ts, where it is not as it should be. */
export function writeAgentIndex() {
  const file = new URL('index.ts', folder);
  const text = agentIndex();
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}

/** What stands in that list: whatever a file of the folder exports as a `Program`. So a new agent is one file. */
export function agentIndex() {
  const found = readdirSync(folder)
    .filter(name => name.endsWith('.ts') && name !== 'index.ts')
    .sort()
    .flatMap(file => {
      const text = readFileSync(new URL(file, folder), 'utf8');
      return [...text.matchAll(/^export const (\w+): Program = /gm)].map(([, name]) => ({ file, name }));
    });
  const start = 'export const programs: readonly Program[] = [';
  const names = found.map(({ name }) => name);
  const inOne = `${start}${names.join(', ')}];`;
  // As the formatter has it.
  const list = inOne.length <= 120 ? inOne : `${start}\n${names.map(name => `  ${name},\n`).join('')}];`;
  return `// Written by "npm run build" from the files of this folder.
import type { Program } from '../launch/program.ts';
${found.map(({ file, name }) => `import { ${name} } from './${file}';`).join('\n')}

/** The built-in agents, in the order of the alphabet. */
${list}
`;
}
