/** Shapes of well-known tokens; linear, so that a long hostile line costs no more than its length. */
const tokens =
  /\b(?:sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|xox[abprs]-[A-Za-z0-9-]{10,}|AKIA[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*)/g;
const credentials = /\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@]{1,200}@/gi;
const secretName = /KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL/i;
/** A shorter value would take words out of the text that are no secret. */
const shortestValue = 6;
const hidden = '[redacted]';

/**
 * Takes out what looks like a secret: known shapes of tokens, user and password of addresses, and the values of variables of
 * `environment` whose name speaks of one. It is a net for texts that people hand on, not a proof.
 */
export function redact(text: string, environment: Readonly<Record<string, string | undefined>>): string {
  const values = Object.entries(environment)
    .flatMap(([name, value]) => (value !== undefined && secretName.test(name) ? [value] : []))
    .filter(value => value.length >= shortestValue)
    .sort((a, b) => b.length - a.length);
  const without = values.reduce((rest, value) => rest.replaceAll(value, hidden), text);
  return without.replace(tokens, hidden).replace(credentials, `$1${hidden}@`);
}
