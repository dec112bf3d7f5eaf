import { expect, it } from 'vitest';
import { makeItem } from '../../helpers/core/planning.ts';
import { Scene } from '../../helpers/core/scene.ts';

it('what a person allows always is not asked again, of any run of that agent, until the next start reads the settings', () => {
  const scene = new Scene([makeItem('US-001'), makeItem('US-002')]);
  scene.ready();
  const one = scene.running('US-001');
  const asked = (runId: string, ask: number, command: string) =>
    scene.send({ type: 'asked', runId, ask, words: `$ ${command}`, detail: command, command }).effects;
  expect(asked(one.runId, 1, 'npm install a')).toEqual([]);
  const answer = scene.command({ type: 'answer', id: one.runId, allow: true, ask: 1, always: 'npm install' });
  expect(answer.answer).toMatchObject({ ok: true, message: 'Allowed from now on: npm install' });

  const other = scene.running('US-002');
  expect(asked(other.runId, 1, 'npm install b')).toMatchObject([
    { type: 'agent.say', runId: other.runId, saying: { type: 'answer', ask: 1, allow: true } },
  ]);
  expect(asked(other.runId, 2, 'npm publish')).toEqual([]);
  expect(asked(other.runId, 3, 'npm install b && npm publish')).toEqual([]);
  expect(scene.run(other.runId).asks?.open[0]).toMatchObject({ ask: 1, command: 'npm install b' });
  // A denial never is a rule.
  scene.command({ type: 'answer', id: other.runId, allow: false, ask: 2, always: 'npm publish' });
  expect(asked(other.runId, 4, 'npm publish')).toEqual([]);
});
