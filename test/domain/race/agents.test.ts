import { expect, it } from 'vitest';
import { agentNames, readAgents } from '../../../source/domain/race/agents.ts';
import { parseRoadmap } from '../../../source/domain/roadmap/parse.ts';

it.each([
  ['claude, codex ×2', ['claude', 'codex', 'codex']],
  ['claude,codex', ['claude', 'codex']],
  ['`claude` and codex x 2', ['claude', 'codex', 'codex']],
  ['claude + gemini*2', ['claude', 'gemini', 'gemini']],
  ['my-agent', ['my-agent']],
  ['', null],
  ['claude ×9', null],
  ['claude ×0', null],
  ['a,b,c,d,e,f,g,h,i', null],
  ['a sentence about agents', null],
  ['$(rm -rf /)', null],
] as const)('reads %j', (text, agents) => {
  expect(readAgents(text)).toEqual(agents);
});

it('names them as they are written', () => {
  expect(agentNames(['codex', 'claude', 'codex'])).toBe('codex ×2, claude');
});

it('reads them from the item, and says where they cannot be read', () => {
  const text = (agents: string) => `### US-001: One\n\n**Status**: 📝 Planned\n**Agents**: ${agents}\n`;
  const named = parseRoadmap(text('claude, codex ×2'), { path: 'ROADMAP.md' });
  expect(named.items[0]?.agents).toEqual(['claude', 'codex', 'codex']);
  expect(named.problems).toEqual([]);
  const wrong = parseRoadmap(text('whoever has time'), { path: 'ROADMAP.md' });
  expect(wrong.items[0]).not.toHaveProperty('agents');
  expect(wrong.problems).toMatchObject([{ line: 4, code: 'agent' }]);
});
