import { readFileSync } from 'node:fs';
import { runHost } from '../../../adapters/acp/host.ts';
import { createCallers } from '../../../adapters/processes/table/callers.ts';
import type { HostConfig } from '../../../ports/agents.ts';

/** `cm-tui acp-host CONFIG`, the prompt on stdin: started in place of an agent that speaks the Agent Client Protocol, never by a person. */
export async function acpHost([text = '']: readonly string[]): Promise<number> {
  const runId = process.env.CM_RUN_ID ?? '';
  if (text === '' || runId === '') {
    process.stderr.write('This command is part of a run. Start one with "cm-tui spawn".\n');
    return 2;
  }
  const config = JSON.parse(text) as HostConfig;
  const code = await runHost(config, readFileSync(0, 'utf8'), {
    env: process.env,
    cwd: process.cwd(),
    callers: createCallers(() => ({ leaders: [], ids: () => [runId] })),
  });
  process.exit(code);
}
