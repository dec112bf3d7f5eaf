/** A path as a pattern that matches it; characters that patterns give a meaning become `*`, so that it errs towards too wide. */
export function globOf(path: string): string {
  return path.replace(/[^\p{L}\p{N}_./@+-]+/gu, '*');
}
