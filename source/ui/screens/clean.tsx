import type { ReactNode } from 'react';
import type { ActionContext, ViewAct } from '../../commands/action.ts';
import { keyLabel } from '../../commands/key-words.ts';
import { messageOf } from '../../domain/errors.ts';
import { escapePath, sanitizeLine } from '../../domain/text/sanitize.ts';
import type { CleanProbe } from '../../ports/git.ts';
import { Frame } from '../components/frame.tsx';
import { type ListRow, Rows } from '../components/table.tsx';
import type { Layer, LayerHost, OpenLayer } from '../layer.ts';
import { line, type Tone } from '../presentation/line.ts';
import { bytes } from '../presentation/time.ts';
import type { Size } from '../terminal/size.ts';
import { pageHeight } from './parts/parts.tsx';
import { scroll } from './parts/scroll.ts';

/** Lists landed work that would be removed, what would be lost with it, and what stays; then asks. */
class Clean implements Layer {
  readonly view = 'clean';
  readonly floating = false;
  private probes: readonly CleanProbe[] | null = null;
  private problem: string | null = null;
  private withLosses = false;
  private offset = 0;

  constructor(
    private readonly host: LayerHost,
    private readonly context: ActionContext,
  ) {
    host.handle.probeClean().then(
      probes => {
        this.probes = probes;
        host.changed();
      },
      (error: unknown) => {
        this.problem = messageOf(error);
        host.changed();
      },
    );
  }

  act(what: ViewAct): void {
    if (what === 'accept') this.withLosses = !this.withLosses;
    const { columns, rows } = this.host.size();
    this.offset = scroll(this.offset, what, this.rows().length, pageHeight({ columns, rows: rows - 2 }));
    this.host.changed();
  }

  answer(answer: 'yes' | 'no'): void {
    if (answer === 'no') return this.host.close(this);
    if (this.probes === null) {
      this.host.showMessage(this.problem ?? 'Still checking the worktrees.', 'warning');
      return;
    }
    const going = this.probes.filter(probe => goes(probe, this.withLosses));
    if (going.length === 0) {
      const losing = this.probes.some(probe => probe.obstacles.length === 0);
      this.host.showMessage(
        losing
          ? `Nothing to remove yet. Press ${keyLabel('accept')} to include worktrees with files that would be lost.`
          : 'None of these can be removed.',
        'warning',
      );
      return;
    }
    this.host.close(this);
    this.host.send({
      type: 'clean',
      ids: going.map(probe => probe.runId),
      confirmedLoss: Object.fromEntries(
        going.filter(probe => losses(probe).length > 0).map(probe => [probe.runId, losses(probe)]),
      ),
    });
  }

  private rows(): readonly ListRow[] {
    if (this.problem !== null) return [{ cells: { item: line(` ✗ ${sanitizeLine(this.problem, 400)}`, 'danger') } }];
    if (this.probes === null) return [{ cells: { action: line('Checking the worktrees …', 'dim') } }];
    if (this.probes.length === 0) return [{ cells: { action: line('No landed work to clean up.') } }];
    const { state } = this.context;
    return this.probes.flatMap(probe => {
      const instance = state.instances.find(one => one.runId === probe.runId);
      return probeRows(probe, instance?.key ?? probe.runId, instance?.worktreePath ?? '', this.withLosses);
    });
  }

  render(size: Size): ReactNode {
    const { columns: width, rows: height } = size;
    const rows = this.rows();
    const visible = rows.slice(this.offset, this.offset + pageHeight(size) - 1);
    const columns = [
      { name: 'item', title: ' Item', width: 16 },
      { name: 'action', title: 'Action', width: width - 2 - 16 - 12 },
      { name: 'size', title: 'Size', width: 12 },
    ];
    const title = line('Clean up landed work: worktrees and branches', 'title');
    return (
      <Frame rect={{ left: 0, top: 0, width, height }} heading={{ title, focused: true }}>
        <Rows columns={columns} rows={visible} headings />
      </Frame>
    );
  }
}

export const openClean: OpenLayer = (host, context) => new Clean(host, context);

function losses(probe: CleanProbe): readonly string[] {
  return [...probe.untracked, ...probe.ignored];
}

function goes(probe: CleanProbe, withLosses: boolean): boolean {
  return probe.obstacles.length === 0 && (withLosses || losses(probe).length === 0);
}

/** Rows of one worktree: what happens to it, then each file that is only there, then each reason why it stays. */
export function probeRows(probe: CleanProbe, key: string, path: string, withLosses: boolean): readonly ListRow[] {
  const going = goes(probe, withLosses);
  const lost = losses(probe);
  const verdict = going
    ? line(`✓ remove: ${escapePath(path)}`, lost.length > 0 ? 'danger' : 'success')
    : line(`– keep: ${escapePath(path)}`, 'warning');
  const first: ListRow = {
    cells: {
      item: line(` ${sanitizeLine(key, 40)}`, 'strong'),
      action: verdict,
      size: line(bytes(probe.size), 'dim'),
    },
  };
  const what = going ? 'will be lost' : 'not in git; v removes it too';
  const detail = (text: string, tone: Tone): ListRow => ({ cells: { action: line(`    ${text}`, tone) } });
  return [
    first,
    ...probe.untracked.map(file => detail(`${escapePath(file)} (untracked, ${what})`, going ? 'danger' : 'dim')),
    ...probe.ignored.map(file => detail(`${escapePath(file)} (ignored, ${what})`, going ? 'danger' : 'dim')),
    ...probe.obstacles.map(why => detail(sanitizeLine(why, 400), 'warning')),
  ];
}
