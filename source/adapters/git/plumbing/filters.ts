import { sanitizeLine } from '../../../domain/text/sanitize.ts';

/** A filter of the user's that stopped git (`git-crypt`, `lfs`, their own), and the file that it failed for. */
export interface FailedFilter {
  readonly name: string;
  /** As git prints it, not sanitised. */
  readonly path: string;
}

/** What git says of a required filter that failed; null: it was something else. */
export function failedFilter(stderr: string): FailedFilter | null {
  const found = /^(?:fatal|error): (.+): (?:smudge|clean) filter '?(.+?)'? failed$/m.exec(stderr);
  return found === null ? null : { path: found[1] ?? '', name: found[2] ?? '' };
}

/** Why, and what to do: a clause. */
export function filterReason({ name, path }: FailedFilter): string {
  const shown = sanitizeLine(name, 80);
  return `the filter "${shown}" failed for ${sanitizeLine(path, 200)}: ${fixFor(name, shown)}`;
}

function fixFor(name: string, shown: string): string {
  switch (name) {
    case 'git-crypt':
      return 'run "git-crypt unlock"';
    case 'lfs':
      return 'check the connection to the LFS server with "git lfs fetch"';
    default:
      return `fix its program, which "git config --get-regexp ^filter.${shown}" names`;
  }
}
