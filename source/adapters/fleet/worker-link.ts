import path from 'node:path';
import type { Dispatch, Said } from '../../ports/fleet/fleet.ts';
import { openEngine, type Receiver } from './engine.ts';
import { type Join, queues, requireSafe } from './names.ts';
import { createSequence } from './sequence.ts';
import { coordinatorId, openSealed, type Signer } from './sign.ts';
import { type Beat, dispatchSchema, type Word, wireVersion, wordSchema } from './wire.ts';

/** A worker's side of the engine. It obeys one coordinator: what another key has signed is dropped. */
export interface WorkerLink {
  beat(beat: Omit<Beat, 'v' | 'seq'>): Promise<void>;
  /** The same report under the same id is delivered once. */
  report(id: string, run: { readonly runId: string; readonly epoch: number }, said: Said): Promise<void>;
  hear(on: (word: Word) => Promise<void>): void;
  /** `on` resolves when the run is over, or somebody else's. */
  takeRuns(pools: readonly string[], on: (dispatch: Dispatch) => Promise<void>): Receiver;
  close(): Promise<void>;
}

/** Who speaks. */
export interface WorkerIdentity {
  readonly join: Join;
  readonly name: string;
  readonly signer: Signer;
  /** The worker's own folder: its numbers are in it. */
  readonly folder: string;
}

export function openWorkerLink({ join: joined, name, signer, folder }: WorkerIdentity, insecure: boolean): WorkerLink {
  const next = createSequence(path.join(folder, 'sequence'));
  requireSafe(joined.engine, insecure);
  const engine = openEngine(joined.engine);
  const coordinator = coordinatorId(joined.key);

  /** What its coordinator has signed; null: somebody else wrote it. */
  const trusted = (sealed: unknown): unknown => {
    const opened = openSealed(sealed);
    return opened?.key === joined.key ? opened.body : null;
  };

  return {
    beat: beat =>
      engine.send({
        queue: queues.beats(coordinator),
        id: `beat-${name}`,
        data: signer.seal({ v: wireVersion, seq: next(), ...beat }),
        brief: true,
      }),
    report: (id, { runId, epoch }, said) =>
      engine.send({
        queue: queues.reports(coordinator),
        id,
        data: signer.seal({ v: wireVersion, seq: next(), runId, epoch, worker: name, said }),
      }),
    hear(on) {
      const handle = async (sealed: unknown) => {
        const word = wordSchema.safeParse(trusted(sealed));
        if (word.success && word.data.worker === name) await on(word.data);
      };
      engine.receive(queues.host(coordinator, name), handle, { atOnce: 4, again: true });
    },
    takeRuns(pools, on) {
      const handle = async (sealed: unknown) => {
        const dispatch = dispatchSchema.safeParse(trusted(sealed));
        if (!dispatch.success || dispatch.data.v > wireVersion) return;
        const { v: _, seq: __, ...words } = dispatch.data;
        await on(words);
      };
      const receivers = pools.map(pool =>
        engine.receive(queues.runs(coordinator, pool), handle, { atOnce: 0, again: false }),
      );
      return {
        setRoom: room => {
          for (const one of receivers) one.setRoom(room);
        },
        async stop() {
          await Promise.all(receivers.map(one => one.stop()));
        },
      };
    },
    close: () => engine.close(),
  };
}
