/** Finds the paths and globs that a roadmap names in back-ticks, and brings them into one form. */

const codeSpan = /(`{1,3})(?!`)([^`]+?)\1(?!`)/g;

/** The texts of all code spans in a line. */
export function codeSpans(line: string): readonly string[] {
  if (!line.includes('`')) return [];
  const texts: string[] = [];
  for (const match of (line.length > 8192 ? line.slice(0, 8192) : line).matchAll(codeSpan))
    texts.push((match[2] ?? '').trim());
  return texts;
}

const fileExtensions = new Set(
  (
    'astro bash bat bib c cc cfg clj cmake cmd conf cpp cs css csv cts cxx dart db dockerfile ejs erl ex exs fish fs gitignore go ' +
    'gradle graphql h hbs hcl hpp hs html ico ini ipynb java jpg js json json5 jsonc jsonl jsx kt kts liquid lock lua m md mdc ' +
    'mdx mjs ml mts nix njk php pl plist png prisma proto ps1 pug py pyi r rake rb rego rs rst sass scala scss ' +
    'sh sol sql sqlite svelte svg swift tex tf tfvars toml ts tsv tsx txt vue wasm wat xml yaml yml zig zsh'
  ).split(' '),
);
const bareNames =
  /^(?:Makefile|Dockerfile|LICENSE|Procfile|Gemfile|Rakefile|Justfile|CODEOWNERS|\.[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*rc|\.(?:gitignore|gitattributes|env|editorconfig|dockerignore|npmrc))$/;
const branchPrefixes = /^(?:origin|upstream|refs|heads|remotes|feature|feat|fix|bugfix|hotfix|release|chore)\//;
const mediaTypes = /^(?:application|audio|font|image|multipart|text|video)\/[a-z0-9.+-]+$/;

/**
 * A back-ticked text as a glob relative to the repository, or null when it is no path. `declared` is for places that name paths on
 * purpose: there every word without blanks is one. A trailing `/` becomes `/**`, placeholders (`{name}`, `[id]`, `<id>`) become `*`.
 */
export function toGlob(text: string, declared: boolean): string | null {
  const bare = text.replace(/(?::\d+(?:-\d+)?|#L\d+(?:-L?\d+)?)$/, '').replace(/^\.\//, '');
  const outside = bare.includes('{') ? bare.replace(/\{[^{}]*\}/g, '') : bare;
  if (bare.length === 0 || bare.length > 400 || /[\s\\|"'$;&=!?^%,\0-\x1f]/.test(outside)) return null;
  if (/^[/~]|^[A-Za-z]:|:\/\/|\(\)/.test(bare)) return null;
  const glob = normalise(fillPlaceholders(bare));
  if (glob === null) return null;
  return declared || looksLikePath(bare) ? glob : null;
}

function fillPlaceholders(path: string): string {
  if (!/[{<([*]/.test(path)) return path;
  return path
    .replace(/\{[^{},]*\}|<[^<>]*>|\([^()]*\)/g, '*')
    .replace(/\[(?:\.{3})?[A-Za-z_]{2,}\w*\]/g, '*')
    .replace(/\*{3,}/g, '**');
}

function looksLikePath(path: string): boolean {
  const segments = path.split('/');
  const last = segments.at(-1) ?? '';
  if (segments.length === 1) return bareNames.test(path) || isFileName(path);
  if (branchPrefixes.test(path) && !isFileName(last)) return false;
  if (mediaTypes.test(path) || /^[A-Z0-9]{1,4}(?:\/[A-Z0-9]{1,4})+$/.test(path) || /^\d/.test(path)) return false;
  return true;
}

function isFileName(name: string): boolean {
  const dot = name.lastIndexOf('.');
  if (dot === name.length - 2 && name.indexOf('.') !== dot) return false;
  return dot >= 0 && fileExtensions.has(name.slice(dot + 1).toLowerCase());
}

/** Takes `.` and `..` out; null for what leads out of the repository or names nothing. */
function normalise(path: string): string | null {
  const folder = path.endsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  if (parts.length === 0) return folder || path === '.' ? '**' : null;
  return folder ? `${parts.join('/')}/**` : parts.join('/');
}
