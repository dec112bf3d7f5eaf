import type { AgentReader } from '../../ports/agents.ts';

const mark = '{session}';
/** Longest line that is looked at. */
const longestLine = 4096;

/**
 * A reader that also takes the session from lines of a given look, whatever else it makes of them: of `session: {session}` what stands
 * before and behind the mark is compared letter by letter, so that no line costs more than its length.
 */
export function withSessionLine(reader: AgentReader, look: string): AgentReader {
  const at = look.indexOf(mark);
  const before = look.slice(0, at);
  const behind = look.slice(at + mark.length);
  return {
    read(line, stream) {
      const id = stream === 'out' ? sessionIn(line.slice(0, longestLine), before, behind) : null;
      const events = reader.read(line, stream);
      return id === null ? events : [{ type: 'session', id }, ...events];
    },
    end: () => reader.end?.() ?? [],
  };
}

function sessionIn(line: string, before: string, behind: string): string | null {
  const start = line.indexOf(before);
  if (start < 0) return null;
  const rest = line.slice(start + before.length);
  const id = /^[A-Za-z0-9][\w.:-]{0,199}/.exec(rest)?.[0];
  return id !== undefined && rest.startsWith(behind, id.length) ? id : null;
}
