/** Shapes of well-known tokens; linear, so that a long hostile line costs no more than its length. */
const tokens =
  /\b(?:sk-[A-Za-z0-9_-]{16,}|[sr]k_(?:live|test)_[A-Za-z0-9]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|npm_[A-Za-z0-9]{30,}|hf_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{30,}|xox[abeprs]-[A-Za-z0-9-]{10,}|A[KS]IA[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_-]{20,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*)/g;
const credentials = /\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@]{1,200}@/gi;
const bearer = /\b(bearer )[A-Za-z0-9._~+/-]{16,}/gi;
const secretName = /(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL)S?(?:_|\d|$)|(?:^|_)PASS$/i;
/** A shorter value would remove words from the text that are not secret. */
const shortestValue = 6;
/** Lines of a secret of several lines, such as a private key: texts are looked at line by line. */
const shortestLine = 16;
/** Where a key is stored is not secret. */
const path = /^\/(?:home|root|Users|etc|opt|run|srv|tmp|usr|var|mnt)\/|^\/\S*\.[A-Za-z0-9]{1,10}$/;
const hidden = '[redacted]';

/** What every shape of a token holds: most texts hold none of it, and are passed on as they are. */
const anyShape = /sk-|[sr]k_|gh[pousr]_|github_pat_|glpat-|npm_|hf_|pypi-|xox|A[KS]IA|AIza|ya29|eyJ|bearer |:\/\//i;

/** The variables of a process, or of an agent's settings. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Makes a function that takes out what looks like a secret: known shapes of tokens, user and password of addresses, and the values of
 * variables whose name speaks of one. It is a net for texts that people see or hand on, not a proof. Linear in the text.
 */
export function createRedactor(...environments: readonly Variables[]): (text: string) => string {
  const values = environments
    .flatMap(environment => Object.entries(environment))
    .flatMap(([name, value]) => (value !== undefined && secretName.test(name) ? partsOf(value) : []))
    .sort((a, b) => b.length - a.length);
  const secrets = [...new Set(values)];
  return text => {
    let rest = text;
    for (const value of secrets) if (rest.includes(value)) rest = rest.replaceAll(value, hidden);
    if (!anyShape.test(rest)) return rest;
    return rest.replace(tokens, hidden).replace(credentials, `$1${hidden}@`).replace(bearer, `$1${hidden}`);
  };
}

/** What is looked for of a secret's value; nothing where it is too short, or only says where the secret lies. */
function partsOf(value: string): readonly string[] {
  if (value.length < shortestValue || path.test(value)) return [];
  return value.includes('\n') ? value.split(/\r?\n/).filter(line => line.length >= shortestLine) : [value];
}

/** {@link createRedactor} for a single text. */
export function redact(text: string, environment: Variables): string {
  return createRedactor(environment)(text);
}
