import type { ReactNode } from 'react';
import { violationsOf } from '../../coordinator/landing/queue-order.ts';
import type { State } from '../../coordinator/state/state.ts';
import type { Instance } from '../../domain/instance.ts';
import { sanitizeBlock, sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Layer, LayerHost, OpenLayer } from '../layer.ts';
import { line, span } from '../presentation/line.ts';
import type { KeyPress } from '../terminal/keys.ts';
import type { Size } from '../terminal/size.ts';
import { Dialog } from './parts/parts.tsx';
import { edit, emptyField, fieldLine, fieldText, insert, type TextField } from './parts/text-field.ts';

/** Asks what the agent of a branch that does not land as it is shall change; what stands against it is written there already. */
class SendBack implements Layer {
  readonly view = null;
  readonly floating = true;
  readonly hints = [
    ['Enter', 'send'],
    ['Esc', 'back'],
  ] as const;
  private field: TextField;

  constructor(
    private readonly host: LayerHost,
    private readonly instance: Instance,
  ) {
    this.field = insert(emptyField, firstWords(host.handle.state(), instance));
  }

  key(key: KeyPress): boolean {
    if (key.name === 'esc' || key.name === 'ctrl+c') this.host.close(this);
    else if (key.name === 'enter') this.submit();
    else this.change(edit(this.field, key));
    return true;
  }

  paste(text: string): void {
    this.change(insert(this.field, sanitizeBlock(text, 20_000).replaceAll('\n', ' ')));
  }

  private change(field: TextField | null): void {
    if (field === null) return;
    this.field = field;
    this.host.changed();
  }

  private submit(): void {
    const message = fieldText(this.field).trim();
    if (message === '') return this.host.say('Type what its agent shall change first; Esc goes back.', 'warning');
    this.host.close(this);
    this.host.send({ type: 'resume', id: this.instance.runId, message });
  }

  render(size: Size): ReactNode {
    const width = Math.min(size.columns, 84);
    const lines = [
      line(''),
      line(' What shall its agent change, in its own worktree?', 'strong'),
      [span(' ▸ ', 'hint'), ...fieldLine(this.field, width - 6, true)],
      line(''),
      line(' What it makes of it is looked at, and approved, anew.', 'dim'),
    ];
    return <Dialog size={size} title={`Send ${sanitizeLine(this.instance.key, 40)} back`} lines={lines} wanted={84} />;
  }
}

function firstWords(state: State, instance: Instance): string {
  const breaches = violationsOf(state, instance).map(one => one.message);
  if (breaches.length === 0) return '';
  return sanitizeLine(`Take back what does not belong to your task: ${breaches.join('; ')}.`, 2000);
}

export const openSendBack: OpenLayer = (host, { instance }) => {
  if (instance === null) throw new Error('there is no branch that could be sent back');
  return new SendBack(host, instance);
};
