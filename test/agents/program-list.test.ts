import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { agentIndex } from '../../scripts/lib/agent-index.mjs';

test('the list of the built-in agents names every file that describes one; "npm run build" writes it', () => {
  const written = readFileSync(new URL('../../source/agents/programs/index.ts', import.meta.url), 'utf8');
  expect(written).toBe(agentIndex());
  expect(written).toContain("from './claude.ts'");
});
