import type { AgentReader } from '../../ports/agents.ts';

const mark = '{session}';
/** Longest line that is checked. */
const longestLine = 4096;

/**
 * A reader that also takes the session from lines of a given shape. For `session: {session}` the text before and after the placeholder
 * is compared literally, so that no line costs more than its length.
 */
export function withSessionLine(reader: AgentReader, pattern: string): AgentReader {
  const at = pattern.indexOf(mark);
  const before = pattern.slice(0, at);
  const after = pattern.slice(at + mark.length);
  return {
    read(line, stream) {
      const id = stream === 'out' ? sessionIn(line.slice(0, longestLine), before, after) : null;
      const events = reader.read(line, stream);
      return id === null ? events : [{ type: 'session', id }, ...events];
    },
    end: () => reader.end?.() ?? [],
  };
}

function sessionIn(line: string, before: string, after: string): string | null {
  const start = line.indexOf(before);
  if (start < 0) return null;
  const rest = line.slice(start + before.length);
  const id = /^[A-Za-z0-9][\w.:-]{0,199}/.exec(rest)?.[0];
  return id !== undefined && rest.startsWith(after, id.length) ? id : null;
}
