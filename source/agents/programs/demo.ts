import type { AgentOverride } from '../../domain/settings.ts';
import type { AgentProfile, AgentReader, ReaderEvent } from '../../ports/agents.ts';
import { makeProfile, plainSettings } from '../launch/program.ts';
import { errorText, firstText, numberOf, objectAt, parseObject, textOf } from '../reading/json.ts';
import { rateLimit } from '../reading/rate-limit.ts';
import { activity, commandEnded, lines, readForeignLine, result, resultLines } from '../reading/reader-kit.ts';
import { planEvents, toolEvents } from '../reading/tool-words.ts';

/**
 * The built-in agent: `cm-tui demo-agent`, a program that really edits files and commits, without network or key.
 * @param self how to start this program again, e.g. `[node, dist/cli.js]`
 */
export function demo(self: readonly string[], override?: AgentOverride): AgentProfile {
  const [command = process.execPath, ...script] = self;
  const args = [...script, 'demo-agent'];
  return makeProfile(
    {
      name: 'demo',
      install: 'It is part of cm-tui. Nothing to install.',
      defaults: {
        ...plainSettings(command, args),
        reader: 'demo',
        resume: [...args, '--resume', '{session}'],
        // Nothing to probe: it is this program.
        versionArgs: [],
      },
      // No network: without NODE_EXTRA_CA_CERTS it starts in a third of the time.
      passEnv: ['CM_DEMO_*'],
      sessionArgs: id => ['--session', id],
      createReader: createDemoReader,
    },
    override,
  );
}

/** Reader of the demo agent's JSON lines (written by `demo/agent.ts`). */
export function createDemoReader(): AgentReader {
  return { read: readDemoLine };
}

function readDemoLine(line: string): readonly ReaderEvent[] {
  const event = parseObject(line);
  if (event === null) return readForeignLine(line);
  const words = textOf(event.text) ?? '';
  switch (event.type) {
    case 'session': {
      const id = firstText(event.id);
      return id === null ? [] : [{ type: 'session', id }];
    }
    case 'say':
      return [...lines('text', words), activity('writing')];
    case 'think':
      return [...lines('thinking', words), activity('thinking')];
    case 'plan':
      return planEvents(event.items);
    case 'read':
    case 'edit':
    case 'write':
      return toolEvents(event.type, { path: event.path });
    case 'command':
      return toolEvents('shell', { command: event.command });
    case 'command-ended': {
      const exitCode = numberOf(event.exit);
      return commandEnded(exitCode, exitCode === 0, textOf(event.output) ?? '');
    }
    case 'usage': {
      const usage = objectAt(event);
      return [
        {
          type: 'usage',
          inputTokens: numberOf(usage.inputTokens),
          outputTokens: numberOf(usage.outputTokens),
          costUsd: numberOf(usage.costUsd),
        },
      ];
    }
    case 'error': {
      const problem = errorText(event.message) ?? 'unknown error';
      return [...lines('error', problem), ...rateLimit(problem)];
    }
    case 'result': {
      const ok = event.ok === true;
      const message = textOf(event.message);
      return [...resultLines(ok, message), activity(null), result(ok, message)];
    }
    default:
      return [];
  }
}
