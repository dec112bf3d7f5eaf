import { RequestError } from '@agentclientprotocol/sdk';
import { messageOf } from '../../domain/errors.ts';
import { object, text } from './tool-calls.ts';

/** A failure of the conversation itself, with the agent's own words. */
export class ConversationError extends Error {}

/** How a turn ended that did not end well. */
export const stopWords: Readonly<Record<string, string>> = {
  refusal: 'the model refused',
  max_tokens: 'the agent reached its limit of tokens (maxtokens)',
  max_turn_requests: 'the agent reached its turn limit',
};

/** What an error says, with its code where that is the status of an HTTP answer. */
export function wordsOfError(error: unknown): string {
  if (!(error instanceof RequestError)) return messageOf(error);
  const data = object(error.data);
  const kind = text(data?.errorKind);
  const detail = text(data?.details) ?? text(data?.message) ?? text(error.data);
  const status = error.code >= 400 && error.code < 600 ? `status ${error.code}` : null;
  const words = [status, kind === 'rate_limit' ? 'rate limit reached' : kind, error.message, detail];
  return [...new Set(words.filter(part => part !== null && part !== ''))].join(': ');
}
