import { devNull } from 'node:os';
import type { AgentReader, ReaderEvent } from '../../ports/agents.ts';
import { networkNames, providerNames } from '../launch/environment.ts';
import { type Program, plainSettings } from '../launch/program.ts';
import { rateLimit } from '../reading/rate-limit.ts';
import { activity, lines, result, resultLines, shorten } from '../reading/reader-kit.ts';

/**
 * Aider (flags as documented for 0.86): prompt as a file, plain text; it commits by itself. It exits with 0 even if every model call
 * failed.
 */
export const aider: Program = {
  name: 'aider',
  rank: 4,
  install:
    'Install aider (python -m pip install aider-install && aider-install), set a model key, and add ".aider*" to .gitignore so that its cache leaves the tree clean.',
  defaults: {
    ...plainSettings('aider', [
      '--yes-always',
      '--no-stream',
      '--no-pretty',
      '--no-check-update',
      '--analytics-disable',
      '--no-show-release-notes',
      // Otherwise it would offer to fetch every address in the prompt, install a browser for that, and answer yes itself.
      '--no-detect-urls',
      // Otherwise it would write .gitignore and its histories into the worktree, which must stay clean.
      '--no-gitignore',
      '--chat-history-file',
      devNull,
      '--input-history-file',
      devNull,
    ]),
    reader: 'aider',
    prompt: 'file',
  },
  passEnv: [...networkNames, ...providerNames, 'AIDER_*', 'COHERE_*'],
  modelArgs: model => ['--model', model],
  effortArgs: effort => ['--reasoning-effort', effort],
  promptArgs: { file: ['--message-file', '{promptFile}'], argument: ['--message', '{prompt}'] },
  stateFolders: ['.aider'],
  createReader: createAiderReader,
};

const modelError =
  /^(?:litellm|openai)\.(?:exceptions\.)?([A-Za-z]{1,60}(?:Error|Exception|Timeout|Exceeded)|Timeout)\b/;
/** Errors that end its turn at once; it retries after all others, and may succeed. */
const final = /^(?:Authentication|BadRequest|NotFound|PermissionDenied|ContextWindowExceeded)/;
/** Ways in which it gives up without a library error, its edits half done. */
const givenUp = /^(?:Model \S{1,200} has hit a token limit!|Only \d{1,4} reflections allowed, stopping\.)$/;
const tokens = /^Tokens: ([\d.,]+ ?[kM]?) sent(?:, [^,]{1,60}(?:write|hit))*, ([\d.,]+ ?[kM]?) received/;
const cost = /Cost: \$[\d.,]+ message, \$([\d.,]+) session/;

/** Reader of aider's text; the library name at the start of a line tells errors from the model's words. */
export function createAiderReader(): AgentReader {
  return new AiderReader();
}

class AiderReader implements AgentReader {
  private input = 0;
  private output = 0;
  /** The last error, until a call succeeds or aider says it will retry; the end turns it into a verdict. */
  private open: string | null = null;

  read(line: string): readonly ReaderEvent[] {
    const text = line.trimEnd();
    if (text === '') return [];
    const error = modelError.exec(text.slice(0, 200));
    if (error !== null) return this.readError(text, error[1] ?? '');
    if (givenUp.test(text.slice(0, 300))) {
      this.open = text;
      return resultLines(false, text);
    }
    if (text.startsWith('Tokens: ')) return this.readTokens(text);
    if (text.startsWith('Retrying in ')) {
      this.open = null;
      return [...lines('system', text), activity('waiting to retry')];
    }
    return readStep(text);
  }

  end(): readonly ReaderEvent[] {
    return this.open === null ? [] : [activity(null), result(false, this.open)];
  }

  private readError(text: string, name: string): readonly ReaderEvent[] {
    const message = shorten(text, 400);
    const seen = [...resultLines(false, message), ...rateLimit(message)];
    this.open = message;
    return final.test(name) ? [...seen, activity(null), result(false, message)] : seen;
  }

  private readTokens(text: string): readonly ReaderEvent[] {
    this.open = null;
    const words = text.slice(0, 400);
    const counted = tokens.exec(words);
    this.input += count(counted?.[1]);
    this.output += count(counted?.[2]);
    const session = cost.exec(words)?.[1];
    const usd = session === undefined ? Number.NaN : Number(session.replaceAll(',', ''));
    return [
      ...lines('system', text),
      {
        type: 'usage',
        inputTokens: this.input,
        outputTokens: this.output,
        costUsd: Number.isFinite(usd) ? usd : null,
      },
    ];
  }
}

function readStep(text: string): readonly ReaderEvent[] {
  const edited = /^Applied edit to (.{1,300})$/.exec(text)?.[1];
  if (edited !== undefined) return [...lines('file', `Edit ${edited}`), activity(`editing ${edited}`)];
  const commit = /^Commit ([0-9a-f]{6,40}) (.{0,300})$/.exec(text);
  if (commit !== null) return [...lines('command', `Commit ${commit[1]} ${commit[2]}`), activity('committing')];
  return lines('text', text);
}

/** `2.3k` is 2300, `1,204` is 1204. */
function count(words: string | undefined): number {
  const found = /^([\d.,]+) ?([kM]?)$/.exec(words ?? '');
  if (found === null) return 0;
  const value = Number((found[1] ?? '').replaceAll(',', ''));
  const factor = found[2] === 'k' ? 1000 : found[2] === 'M' ? 1_000_000 : 1;
  return Number.isFinite(value) ? Math.round(value * factor) : 0;
}
