import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { armFailpoints } from '../../../source/adapters/failpoint.ts';
import type { Journal } from '../../../source/adapters/journal/journal.ts';
import { journalIn, notice, peek, textsOf } from '../../helpers/core/journals.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { isLong } from '../../helpers/tiers.ts';

afterEach(() => armFailpoints(null));

const appendFaults = [
  'journal.append.before',
  'journal.append.half',
  'journal.append.written',
  'journal.append.sync',
  'journal.append.synced',
  'journal.append.truncate',
  'journal.replace.written',
  'journal.open',
] as const;
const compactFaults = [
  'journal.replace.before',
  'journal.replace.written',
  'journal.replace.renamed',
  'journal.replace.done',
] as const;

type Step =
  | { readonly kind: 'append'; readonly durable: boolean; readonly faults: readonly string[] }
  | { readonly kind: 'compact'; readonly fault: string | null }
  /** The program ends, with or without a word, and starts again; `torn`: a half record is left behind. */
  | { readonly kind: 'restart'; readonly clean: boolean; readonly torn: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      durable: fc.boolean(),
      faults: fc.oneof(fc.constant([]), fc.subarray([...appendFaults], { minLength: 1, maxLength: 3 })),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('compact' as const),
      fault: fc.option(fc.constantFrom(...compactFaults)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('restart' as const), clean: fc.boolean(), torn: fc.boolean() }),
  },
);

/** A journal beside the list of what it accepted, which is also its state. */
class Model {
  accepted: string[] = [];
  #journal: Journal;
  #next = 1;

  constructor(readonly dir: string) {
    this.#journal = this.#create();
  }

  async open(): Promise<void> {
    this.#journal = this.#create();
    const load = await this.#journal.load();
    expect(load.outcome).toBe('ok');
    expect(textsOf(load)).toEqual(this.accepted);
  }

  append(durable: boolean, faults: readonly string[]): void {
    const n = this.#next++;
    this.#failing(faults, () => {
      this.#journal.append(notice(n), durable);
      this.accepted = [...this.accepted, `n${n}`];
    });
  }

  compact(faults: readonly string[]): void {
    this.#failing(faults, () => this.#journal.compact());
  }

  /**
   * A record that was refused and could not be cut off yet is cut off by the next append. A crash between the two is one after the
   * write, and then the record may be there; so the journal mends itself first.
   */
  mend(): void {
    if (this.#journal.trouble() !== null) this.append(true, []);
  }

  end(clean: boolean): void {
    if (clean) this.#journal.close();
    else this.#journal.flush();
  }

  #failing(faults: readonly string[], work: () => void): void {
    armFailpoints(faults.map(name => `${name}:throw:1`).join(','));
    try {
      work();
    } catch (error) {
      expect(error).toMatchObject({ name: 'JournalWriteError' });
      expect(this.#journal.trouble()).toBe(error);
    } finally {
      armFailpoints(null);
    }
  }

  #create(): Journal {
    return journalIn(this.dir, { snapshotState: () => this.accepted, compactEvery: Number.POSITIVE_INFINITY });
  }
}

async function perform(model: Model, action: Step): Promise<void> {
  switch (action.kind) {
    case 'append':
      return model.append(action.durable, action.faults);
    case 'compact':
      return model.compact(action.fault === null ? [] : [action.fault]);
    case 'restart':
      model.mend();
      model.end(action.clean);
      if (action.torn) fs.appendFileSync(path.join(model.dir, 'journal.jsonl'), '{"v":1,"seq":');
      return model.open();
  }
}

test('whatever fails and in whatever order: what was accepted is there, in order, and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async steps => {
      const model = new Model(temporaryFolder());
      await model.open();
      for (const action of steps) await perform(model, action);
      model.mend();
      model.end(true);
      expect(textsOf(await peek(model.dir))).toEqual(model.accepted);
    }),
    {
      numRuns: isLong ? 4000 : 80,
      // One that finds no space after one that stopped half-way.
      examples: [
        [
          [
            { kind: 'append', durable: false, faults: [] },
            { kind: 'compact', fault: 'journal.replace.renamed' },
            { kind: 'compact', fault: 'journal.replace.before' },
            { kind: 'restart', clean: false, torn: false },
          ],
        ],
      ],
    },
  );
});
