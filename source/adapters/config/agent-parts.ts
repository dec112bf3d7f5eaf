import * as z from 'zod/mini';
import { afterSteps } from '../../domain/settings.ts';

const text = () => z.string().check(z.minLength(1));

/** The settings of an agent that have to do with the Agent Client Protocol. */
export function acpShape() {
  return {
    protocol: z.exactOptional(z.enum(['stream', 'acp'])),
    mode: z.exactOptional(z.nullable(text())),
    permissions: z.exactOptional(z.union([z.enum(['edits', 'ask', 'all']), z.object({ allow: z.array(text()) })])),
    askTimeout: z.exactOptional(z.nullable(z.number().check(z.minimum(0)))),
    authMethod: z.exactOptional(z.nullable(text())),
  };
}

/** What each of them must be. */
export const acpWords: Readonly<Record<keyof ReturnType<typeof acpShape>, string>> = {
  protocol: '"stream" or "acp"',
  mode: 'the name of a mode of the agent, or null',
  permissions: '"edits", "ask", "all" or an object with `allow`, a list of commands',
  askTimeout: 'a number of seconds, or null',
  authMethod: 'the name of a way to log in, or null',
};

/** The settings of an agent that have to do with the review of its work, or by it. */
export function reviewShape() {
  return {
    reviewArgs: z.exactOptional(z.nullable(z.array(z.string()))),
    after: z.exactOptional(z.nullable(z.array(z.enum(afterSteps)))),
    reviewAgent: z.exactOptional(z.nullable(text())),
  };
}

/** What each of them must be. */
export const reviewWords: Readonly<Record<keyof ReturnType<typeof reviewShape>, string>> = {
  reviewArgs: 'a list of strings, or null',
  after: '["review"], [] or null',
  reviewAgent: 'the name of an agent, or null',
};
