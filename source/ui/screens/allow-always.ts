import { openAsk, ruleOf } from '../../commands/talk-actions.ts';
import { messageOf } from '../../domain/errors.ts';
import { escapePath, sanitizeLine } from '../../domain/text/sanitize.ts';
import type { OpenLayer } from '../layer.ts';
import { askQuestion } from './question.tsx';

/** Shows the rule by which an agent would not ask again, and where it is written; on yes writes it, and allows what is asked. */
export const openAllowAlways: OpenLayer = (host, context) => {
  const { instance } = context;
  const ask = openAsk(context);
  const found = ruleOf(context);
  const { rules } = host;
  if (instance === null || ask === null || typeof found === 'string') throw new Error(String(found));
  if (rules === null) throw new Error('this screen cannot write settings');
  const { agent, runId } = instance;
  const { rule } = found;
  const name = sanitizeLine(agent, 60);
  const lines = [
    `  ${rule}`,
    `Every run of ${name} in this repository may then run commands that begin with these words, without a question.`,
    `Adds it to agents.${name}.permissions.allow in ${escapePath(rules.file)}, and allows what is asked now.`,
  ];
  return askQuestion(`Allow always?`, lines, yes => {
    if (!yes) return;
    rules.write(agent, rule).then(
      () => host.send({ type: 'answer', id: runId, allow: true, ask: ask.ask, always: rule }),
      (error: unknown) => host.showMessage(messageOf(error), 'warning'),
    );
  })(host, context);
};
