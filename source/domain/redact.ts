/** Shapes of well-known tokens; linear, so that a long hostile line costs no more than its length. */
const tokens =
  /\b(?:sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|xox[abprs]-[A-Za-z0-9-]{10,}|AKIA[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*)/g;
const credentials = /\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@]{1,200}@/gi;
const secretName = /(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL)S?(?:_|$)/i;
/** A shorter value would take words out of the text that are no secret. */
const shortestValue = 6;
const hidden = '[redacted]';

/** What every shape of a token holds: most texts hold none of it, and are passed on as they are. */
const anyShape = /sk-|gh[pousr]_|github_pat_|glpat-|xox[abprs]-|AKIA|AIza|eyJ|:\/\//i;

/** The variables of a process, or of an agent's settings. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Makes a function that takes out what looks like a secret: known shapes of tokens, user and password of addresses, and the values of
 * variables whose name speaks of one. It is a net for texts that people see or hand on, not a proof. Linear in the text.
 */
export function createRedactor(...environments: readonly Variables[]): (text: string) => string {
  const values = environments
    .flatMap(environment => Object.entries(environment))
    .flatMap(([name, value]) => (value !== undefined && secretName.test(name) ? [value] : []))
    // The path of a key is none.
    .filter(value => value.length >= shortestValue && !value.startsWith('/'))
    .sort((a, b) => b.length - a.length);
  const secrets = [...new Set(values)];
  return text => {
    let rest = text;
    for (const value of secrets) if (rest.includes(value)) rest = rest.replaceAll(value, hidden);
    return anyShape.test(rest) ? rest.replace(tokens, hidden).replace(credentials, `$1${hidden}@`) : rest;
  };
}

/** {@link createRedactor} for a single text. */
export function redact(text: string, environment: Variables): string {
  return createRedactor(environment)(text);
}
