import { mostRivals, readAgents } from '../../domain/race/agents.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { OpenLayer } from '../layer.ts';
import { FormDialog } from './parts/form-dialog.tsx';

/** Asks which agents should work on an item side by side. */
export const openRace: OpenLayer = (host, { item, state }) => {
  if (item === null) throw new Error('no item to start');
  return new FormDialog(host, {
    title: `Several agents on ${sanitizeLine(item.key, 40)}`,
    fields: [
      {
        label: 'Which agents? Such as claude, codex ×2',
        kind: 'line',
        text: (item.agents ?? [state.settings.agent]).join(', '),
      },
    ],
    note: 'Each works in its own worktree. You compare them, at most one lands, the others are archived.',
    submitWord: 'start',
    draft: `race ${item.id}`,
    submit: ([text = '']) => {
      const agents = readAgents(text);
      if (agents === null) return `Name one to ${mostRivals} agents, such as claude, codex ×2.`;
      host.send({ type: 'race', id: item.id, agents });
      return null;
    },
  });
};
