/** Issues of GitLab, by `glab` and the login that the user gave it. */
import type { WorkSource } from '../../ports/sources.ts';
import { type ForgeOptions, readIssueList } from './reading/forge.ts';
import { type Issue, issueItems, issueWriter } from './reading/issues.ts';
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
  const fetch = async (): Promise<Fetched> => {
    const issues = new Map<number, Issue>();
    for (let page = 1; page <= mostPages; page++) {
      const command = [...list, '--page', String(page), ...(label === null ? [] : ['--label', label])];
      const answer = await ask(command, {});
      const why = whyNot('glab issue list', answer, help);
      if (why !== null) return why;
      const read = readIssueList(answer.stdout, 'iid', 'description');
      if (typeof read === 'string') return `"glab issue list" printed ${read}.`;
      const before = issues.size;
      for (const issue of read) issues.set(issue.number, issue);
      if (read.length < perPage || issues.size === before) return issueItems([...issues.values()], label === null);
    }
    return issueItems([...issues.values()], false);
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
