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

/** Asks what the agent should fix on a branch that cannot land as it is. Its violations and warnings are filled in already. */
class RequestFix implements Layer {
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
    this.field = insert(emptyField, initialMessage(host.handle.state(), instance));
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
    if (message === '') return this.host.showMessage('Type what the agent should fix first. Esc goes back.', 'warning');
    this.host.close(this);
    this.host.send({ type: 'resume', id: this.instance.runId, message });
  }

  render(size: Size): ReactNode {
    const width = Math.min(size.columns, 84);
    const lines = [
      line(''),
      line(' What should the agent fix?', 'strong'),
      [span(' ▸ ', 'hint'), ...fieldLine(this.field, width - 6, true)],
      line(''),
      line(' You will review the result again.', 'dim'),
    ];
    return (
      <Dialog
        size={size}
        title={`Request a fix for ${sanitizeLine(this.instance.key, 40)}`}
        lines={lines}
        wanted={84}
      />
    );
  }
}

function initialMessage(state: State, instance: Instance): string {
  const found = [...violationsOf(state, instance), ...(instance.merge.warnings ?? [])].map(one => one.message);
  if (found.length === 0) return '';
  return sanitizeLine(`Revert what does not belong to your item: ${found.join('; ')}.`, 2000);
}

export const openRequestFix: OpenLayer = (host, { instance }) => {
  if (instance === null) throw new Error('no branch to request a fix for');
  return new RequestFix(host, instance);
};
