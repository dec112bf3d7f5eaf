import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import type { AgentStatus } from '../helpers/fake-agents.ts';
import { committingAgent, createProduct, type Product } from '../helpers/product.ts';

let one: Product | null = null;

afterEach(() => {
  one?.cleanup();
  one = null;
});

const program = 'bwrap';
const works = spawnSync(program, ['--ro-bind', '/', '/', '--unshare-net', '--', 'true']).status === 0;
if (!works) console.warn('skipped: bubblewrap is not installed, or may not make namespaces here');

/** The recipe as the documentation has it. */
function recipe(): readonly string[] {
  const page = readFileSync(fileURLToPath(new URL('../../docs/agents.md', import.meta.url)), 'utf8');
  const json =
    page
      .split('```json\n')
      .find(block => block.includes('bwrap'))
      ?.split('```')[0] ?? '';
  const settings = JSON.parse(json) as { agents: { claude: { wrapper: string[] } } };
  return settings.agents.claude.wrapper;
}

it.runIf(works)(
  'the recipe for bubblewrap: the worktree and commits are writable, nothing else is, and there is no network',
  async () => {
    const escapes = (base: string) =>
      [
        // In the sandbox's own /tmp it may write what it likes: nothing of it is seen outside.
        `echo x > ${base}/home/owned && false`,
        `echo x > ${base}/shop/owned && false`,
        'test -w /usr',
        'git config core.fsmonitor evil',
        'echo x > "$(git rev-parse --git-common-dir)/hooks/post-merge"',
        'echo x > "$(git rev-parse --git-common-dir)/cm-tui/journal.jsonl"',
        'test "$(tail -n +3 /proc/net/dev | grep -vc "lo:")" -gt 0',
      ].map((line, index) => `if ( ${line} ) 2>/dev/null; then echo "escaped by ${index}"; fi`);
    const made = createProduct({ items: [{ id: 'US-041', files: ['out/US-041.txt'] }] });
    one = made;
    made.write(
      `${made.root}/.git/cm-tui/agent.sh`,
      `#!/bin/sh\n${escapes(made.base).join('\n')}\n${committingAgent}\n`,
    );
    made.configure({
      agents: { script: { command: 'sh', args: [`${made.root}/.git/cm-tui/agent.sh`], wrapper: recipe() } },
    });
    const ended = await made.run('start', '--headless', '--approve', 'clean', '--exit-when-idle');
    const log = (await made.run('logs', 'US-041')).stdout;
    expect({ log, ...ended }).toMatchObject({ code: 0, log: expect.not.stringContaining('escaped') });
    const [instance] = (await made.json<AgentStatus>('status', '--json')).instances;
    expect(instance).toMatchObject({ state: 'merged', commits: 1 });
    expect([existsSync(`${made.base}/home/owned`), existsSync(`${made.base}/shop/owned`)]).toEqual([false, false]);
  },
);
