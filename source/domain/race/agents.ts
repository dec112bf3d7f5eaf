/** Agent programs that work on one item side by side, as a ROADMAP or a command line names them. */

/** Runs of one item side by side; more than these help nobody to choose. */
export const mostRivals = 8;

const entry = /^[*`\s]*([A-Za-z0-9][\w.-]{0,59})[*`]*(?:\s*[×x*]\s*(\d{1,2}))?[*`\s]*$/u;

/**
 * Reads `claude, codex ×2` (also `codex x2`, `codex * 2`, and "and" or "+" for the comma): one name for each run. Null: this names no agents,
 * or more than `mostRivals`.
 */
export function readAgents(text: string): readonly string[] | null {
  const parts = text
    .split(/,|\+|\s+and\s+/)
    .map(part => part.trim())
    .filter(part => part !== '');
  const names: string[] = [];
  for (const part of parts) {
    const found = entry.exec(part);
    if (found === null) return null;
    const count = found[2] === undefined ? 1 : Number(found[2]);
    if (count < 1 || count > mostRivals) return null;
    names.push(...Array.from({ length: count }, () => found[1] ?? ''));
  }
  return names.length === 0 || names.length > mostRivals ? null : names;
}

/** `claude, codex ×2`. */
export function agentNames(agents: readonly string[]): string {
  return [...new Set(agents)]
    .map(name => {
      const count = agents.filter(one => one === name).length;
      return count === 1 ? name : `${name} ×${count}`;
    })
    .join(', ');
}

/** How many runs an item starts at once. */
export function runCount({ agents }: { readonly agents?: readonly string[] | undefined }): number {
  return Math.max(1, agents?.length ?? 1);
}
