import fs from 'node:fs';
import path from 'node:path';
import { createLogs, type Logs } from '../../../source/adapters/logs/logs.ts';
import type { AgentReader, ReaderEvent } from '../../../source/ports/agents.ts';
import type { LogLine } from '../../../source/ports/logs.ts';
import { until } from '../programs/processes.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** Shows every line; one that is JSON is an event instead. */
export function plainReader(): AgentReader {
  return {
    read(line) {
      if (!line.startsWith('{"type":')) return [{ type: 'line', kind: 'text', text: line }];
      try {
        const event: ReaderEvent = JSON.parse(line);
        return [event];
      } catch {
        return [{ type: 'line', kind: 'error', text: 'broken event' }];
      }
    },
  };
}

type Signal = Parameters<Parameters<Logs['track']>[3]>[1];

/** One run folder that the test writes into, and logs that follow it. */
export class Desk {
  readonly runsDir = temporaryFolder();
  readonly logs: Logs = createLogs({ runsDir: this.runsDir });
  readonly signals: Signal[] = [];
  readonly runId = 'aaaabbbbccccdddd';

  constructor() {
    fs.mkdirSync(path.join(this.runsDir, '043'));
    for (const name of ['out.log', 'err.log']) fs.writeFileSync(this.path(name), '');
  }

  path(name: string): string {
    return path.join(this.runsDir, '043', name);
  }

  write(data: string | Buffer, name = 'out.log'): void {
    fs.appendFileSync(this.path(name), data);
  }

  track(fromStart = true, reader: () => AgentReader = plainReader): void {
    this.logs.track(this.runId, '043', reader, (_runId, signal) => this.signals.push(signal), { fromStart });
  }

  lines(): readonly LogLine[] {
    return this.logs.tail(this.runId);
  }

  texts(): readonly string[] {
    return this.lines().map(line => line.text);
  }

  /** Waits until a line with exactly this text is there. */
  async seen(text: string): Promise<void> {
    await until(() => this.texts().includes(text));
  }

  async drained(): Promise<readonly string[]> {
    await this.logs.drain(this.runId);
    return this.texts();
  }
}
