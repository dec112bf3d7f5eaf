import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PullRequest } from '../../domain/queue/pull-request.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { ProcessesPort } from '../../ports/processes.ts';
import type { ForgePort, OpenResult } from '../../ports/remote/forge.ts';
import { readComments, readGhPullRequest, readGlabMergeRequest } from './reading.ts';

interface ForgeOptions {
  readonly run: ProcessesPort['run'];
  /** Folder of the repository, by which the programs know which one is meant. */
  readonly cwd: string;
  /** A folder of ours for the text of a pull request. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** URL of the remote that branches are pushed to; null: there is none. */
  readonly remoteUrl: () => Promise<string | null>;
}

/** Milliseconds that a program of the forge may take. */
const forgeMs = 60_000;

/** How one program of a forge is called. `list` and `view` print JSON, `create` prints the address of what it made. */
interface Program {
  readonly name: 'gh' | 'glab';
  readonly install: string;
  list(branch: string): readonly string[];
  create(request: Parameters<ForgePort['open']>[0], bodyFile: string): readonly string[];
  view(number: number): readonly string[];
  comments(number: number): readonly string[];
  read(json: unknown): PullRequest | null;
}

const ghFields = 'number,url,state,mergeCommit,statusCheckRollup';

const gh: Program = {
  name: 'gh',
  install: 'install GitHub\'s gh and log in with "gh auth login"',
  list: branch => ['pr', 'list', '--head', branch, '--state', 'open', '--limit', '1', '--json', ghFields],
  create: ({ branch, target, title }, bodyFile) => [
    ...['pr', 'create', '--head', branch, '--base', target],
    ...['--title', title, '--body-file', bodyFile],
  ],
  view: number => ['pr', 'view', String(number), '--json', ghFields],
  comments: number => ['pr', 'view', String(number), '--json', 'comments,reviews'],
  read: readGhPullRequest,
};

const glab: Program = {
  name: 'glab',
  install: 'install GitLab\'s glab and log in with "glab auth login"',
  list: branch => ['mr', 'list', '--source-branch', branch, '--per-page', '1', '--output', 'json'],
  create: ({ branch, target, title, body }) => [
    ...['mr', 'create', '--source-branch', branch, '--target-branch', target],
    ...['--title', title, '--description', body, '--yes'],
  ],
  view: number => ['mr', 'view', String(number), '--output', 'json'],
  comments: number => ['api', `projects/:id/merge_requests/${number}/notes?sort=asc&per_page=100`],
  read: readGlabMergeRequest,
};

/** GitHub and GitLab through the programs that the user is logged in with; no token ever passes through us. */
export function createForge({ run, cwd, folder, env, remoteUrl }: ForgeOptions): ForgePort {
  const quiet = { GH_PROMPT_DISABLED: '1', GH_NO_UPDATE_NOTIFIER: '1', GLAB_CHECK_UPDATE: 'false', NO_COLOR: '1' };
  const inherited = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const environment = { ...Object.fromEntries(inherited), ...quiet, NO_PROMPT: '1' };

  /** By the address of the remote; of one that tells nothing (a company's own host), whichever program is there. */
  async function program(): Promise<Program> {
    const url = (await remoteUrl()) ?? '';
    if (/github/i.test(url)) return gh;
    if (/gitlab/i.test(url)) return glab;
    return (await call(['gh', '--version'])).exitCode === 127 ? glab : gh;
  }

  function call(command: readonly string[]) {
    return run(command, { cwd, env: environment, timeoutMs: forgeMs });
  }

  async function json(command: readonly string[]): Promise<unknown> {
    const { exitCode, output } = await call(command);
    return exitCode === 0 ? parsed(output) : undefined;
  }

  async function create(forge: Program, request: Parameters<ForgePort['open']>[0]): Promise<OpenResult> {
    const bodyFile = join(folder, `pull-request-${process.pid}-${process.hrtime.bigint()}.md`);
    try {
      writeFileSync(bodyFile, request.body, { mode: 0o600 });
      const { exitCode, output, timedOut } = await call([forge.name, ...forge.create(request, bodyFile)]);
      if (exitCode === 127) return failed(`${forge.name} is not installed: ${forge.install}.`);
      if (exitCode !== 0)
        return failed(`${forge.name} could not open it: ${timedOut ? 'it gave no answer' : lastWords(output)}.`);
      const number = Number(/\/(?:pull|merge_requests)\/(\d+)/.exec(output)?.[1] ?? Number.NaN);
      const pr = Number.isInteger(number) ? forge.read(await json([forge.name, ...forge.view(number)])) : null;
      return pr === null
        ? failed(`${forge.name} opened it, but did not say which it is; look on the forge.`)
        : { outcome: 'opened', pr };
    } finally {
      rmSync(bodyFile, { force: true });
    }
  }

  return {
    async open(request) {
      const forge = await program();
      const open = await json([forge.name, ...forge.list(request.branch)]);
      const known = Array.isArray(open) && open.length > 0 ? forge.read(open[0]) : null;
      return known === null ? create(forge, request) : { outcome: 'opened', pr: known };
    },
    async read(number) {
      const forge = await program();
      return forge.read(await json([forge.name, ...forge.view(number)]));
    },
    async comments(number) {
      const forge = await program();
      return readComments(await json([forge.name, ...forge.comments(number)]));
    },
  };
}

function failed(message: string): OpenResult {
  return { outcome: 'failed', message };
}

/** The JSON of an output that may hold a warning before or after it. */
function parsed(output: string): unknown {
  const start = output.search(/[[{]/);
  const end = Math.max(output.lastIndexOf('}'), output.lastIndexOf(']'));
  try {
    return JSON.parse(output.slice(start, end + 1));
  } catch {
    return undefined;
  }
}

function lastWords(output: string): string {
  const lines = output.split('\n').filter(line => line.trim() !== '');
  return lines.length === 0 ? 'it said nothing' : sanitizeLine(lines.slice(-3).join(' | '), 300).replace(/\.$/, '');
}
