/** Issues of GitLab, by `glab` and the login that the user gave it. */
import type { WorkSource } from '../../ports/sources.ts';
import { type ForgeOptions, readIssueList } from './reading/forge.ts';
import { type Issue, issueItems, issueWriter, unlisted } from './reading/issues.ts';
import { type Fetched, PolledSource, whyNot } from './reading/polled-source.ts';

const perPage = 100;
const mostPages = 10;
const help = {
  install: 'Install it from https://gitlab.com/gitlab-org/cli, or remove "gitlab" from the setting "sources".',
  login: 'glab auth login',
};

export function gitlabSource({ ask, label, repo, everySeconds, writing }: ForgeOptions): WorkSource {
  const where = repo === null ? [] : ['--repo', repo];
  const list = ['glab', 'issue', 'list', '--output', 'json', '--per-page', String(perPage), ...where];
  /** All pages; `all` is false where there are more than anybody reads. */
  const read = async (
    labels: readonly string[],
  ): Promise<{ readonly issues: readonly Issue[]; readonly all: boolean } | string> => {
    const issues = new Map<number, Issue>();
    for (let page = 1; page <= mostPages; page++) {
      const answer = await ask([...list, '--page', String(page), ...labels], {});
      const why = whyNot('glab issue list', answer, help);
      if (why !== null) return why;
      const found = readIssueList(answer.stdout, 'iid', 'description');
      if (typeof found === 'string') return `"glab issue list" printed ${found}.`;
      const before = issues.size;
      for (const issue of found) issues.set(issue.number, issue);
      if (found.length < perPage || issues.size === before) return { issues: [...issues.values()], all: true };
    }
    return { issues: [...issues.values()], all: false };
  };
  const fetch = async (): Promise<Fetched> => {
    const found = await read(label === null ? [] : ['--label', label]);
    if (typeof found === 'string') return found;
    if (label === null && found.all) return issueItems(found.issues, new Set());
    // An issue without the label may well be open, and then what depends on it has to wait.
    const others = unlisted(found.issues) ? await read([]) : { issues: [], all: true };
    const isKnown = typeof others !== 'string' && others.all;
    return issueItems(found.issues, isKnown ? new Set(others.issues.map(({ number }) => number)) : null);
  };
  return new PolledSource({
    type: 'gitlab',
    place: 'glab issue list',
    everyMs: everySeconds * 1000,
    fetch,
    write: issueWriter(ask, writing, {
      comment: (number, text) => ['glab', 'issue', 'note', number, '--message', text, ...where],
      close: number => ['glab', 'issue', 'close', number, ...where],
      reopen: number => ['glab', 'issue', 'reopen', number, ...where],
      addLabel: (number, name) => ['glab', 'issue', 'update', number, '--label', name, ...where],
      removeLabel: (number, name) => ['glab', 'issue', 'update', number, '--unlabel', name, ...where],
    }),
  });
}
