import { keyLabel } from '../../commands/key-words.ts';
import { withKeys } from '../../commands/keymap.ts';
import { describeFileChange } from '../../coordinator/runs/settings-change.ts';
import type { SettingsFileChange } from '../../domain/settings/settings-difference.ts';
import type { LayerHost, OpenLayer } from '../layer.ts';
import { type Line, line, type Tone } from '../presentation/line.ts';
import { wrapWords } from '../presentation/text.ts';
import { TextPage } from './parts/text-page.tsx';

/**
 * What settings files say now and did not when a person last wrote or accepted them. Yes accepts exactly what is shown: they are read
 * again then, and shown again where they say something else meanwhile. No leaves landing paused.
 */
class SettingsChanges extends TextPage {
  private shown: readonly SettingsFileChange[];

  constructor(
    host: LayerHost,
    private readonly read: () => readonly SettingsFileChange[],
  ) {
    super(host, 'settings', () => ({
      title: line('Settings were changed while an agent ran', 'title'),
      lines: width => this.rows(width),
    }));
    this.shown = read();
  }

  answer(answer: 'yes' | 'no'): void {
    if (answer === 'no') return this.host.close(this);
    const now = this.read();
    if (JSON.stringify(now) !== JSON.stringify(this.shown)) {
      this.shown = now;
      this.act('top');
      return this.host.showMessage(
        'They have been changed again, and are shown as they are now. Read them.',
        'warning',
      );
    }
    const unreadable = this.shown.find(({ digest }) => digest === null);
    if (unreadable !== undefined) {
      return this.host.showMessage(describeFileChange(unreadable).join(' '), 'warning');
    }
    this.host.close(this);
    this.host.send({
      type: 'accept-settings',
      sealed: Object.fromEntries(this.shown.flatMap(({ name, digest }) => (digest === null ? [] : [[name, digest]]))),
    });
  }

  private rows(width: number): readonly Line[] {
    const keys = `${keyLabel('trust')} accepts what is shown and resumes landing. ${keyLabel('leave-paused')} leaves landing paused.`;
    const texts =
      this.shown.length === 0
        ? ['The settings files say again what you accepted before.']
        : this.shown.flatMap(describeFileChange);
    const rows = texts.flatMap(text => {
      const margin = text.startsWith('  ') ? '   ' : ' ';
      return wrapWords(text.trimStart(), width - margin.length - 1).map(row => line(`${margin}${row}`, toneOf(text)));
    });
    return [...wrapWords(withKeys(keys, this.host.keymap), width - 2).map(row => line(` ${row}`)), line(''), ...rows];
  }
}

function toneOf(text: string): Tone {
  if (text.startsWith('  - ')) return 'removed';
  return text.startsWith('  + ') ? 'added' : 'plain';
}

export const openSettingsChanges: OpenLayer = host => {
  if (host.settings === null) throw new Error('settings files are not read here');
  return new SettingsChanges(host, host.settings);
};
