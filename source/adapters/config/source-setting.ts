import * as z from 'zod/mini';
import { sourceTypes } from '../../ports/sources.ts';

const text = () => z.string().check(z.minLength(1));
const words = () => z.array(text()).check(z.minLength(1));
const flag = () => z.boolean();

function sourceShape() {
  return {
    type: z.exactOptional(z.enum(sourceTypes)),
    path: z.exactOptional(
      z.string().check(z.regex(/^(?!\/)(?![A-Za-z]:)(?!(.*[/\\])?\.\.([/\\]|$))[^\u0000-\u001f]+$/)),
    ),
    label: z.exactOptional(text()),
    repo: z.exactOptional(z.string().check(z.regex(/^[\w.-]+(?:\/[\w.-]+){1,5}$/))),
    command: z.exactOptional(words()),
    write: z.exactOptional(words()),
    every: z.exactOptional(z.number().check(z.minimum(1))),
    comment: z.exactOptional(flag()),
    close: z.exactOptional(flag()),
    addLabel: z.exactOptional(text()),
  };
}

/** A source by its type, or with what has to be said of it. */
export function sourceSchema() {
  return z.union([z.enum(sourceTypes), z.object(sourceShape())]);
}

/** The words for the setting `sources`. */
export const sourceWords = {
  must: `a list of ${sourceTypes.join(', ')}, or of objects such as {"type": "github", "label": "ready"} or {"command": ["./items.sh"]}, or null`,
  about:
    'Where items come from (docs/sources.md); null: every list that is found in the repository. Forges and commands count only when named here.',
};
