/** Issues of GitHub, by `gh` and the login that the user gave it. */
import type { WorkSource } from '../../ports/sources.ts';
import { type ForgeOptions, readIssueList } from './reading/forge.ts';
import { type Issue, issueItems, issueWriter, unlisted } from './reading/issues.ts';
import { PolledSource, whyNot } from './reading/polled-source.ts';

const most = 1000;
const fields = 'number,title,body,labels,milestone,assignees,url';
/** What issues have to do with each other. Versions of `gh` before 2026 do not know these fields and refuse the whole command. */
const relations = 'parent,subIssues,blockedBy';
const help = {
  install: 'Install it from https://cli.github.com, or remove "github" from the setting "sources".',
  login: 'gh auth login',
};

export function githubSource({ ask, label, repo, everySeconds, writing }: ForgeOptions): WorkSource {
  const where = repo === null ? [] : ['--repo', repo];
  const list = ['gh', 'issue', 'list', '--state', 'open', '--limit', String(most), ...where];
  let knowsRelations = true;
  const read = async (command: readonly string[]): Promise<readonly Issue[] | string> => {
    let answer = await ask([...command, '--json', knowsRelations ? `${fields},${relations}` : fields], {});
    if (knowsRelations && answer.exitCode !== 0 && /unknown json field/i.test(answer.stderr)) {
      knowsRelations = false;
      answer = await ask([...command, '--json', fields], {});
    }
    const why = whyNot('gh issue list', answer, help);
    if (why !== null) return why;
    const issues = readIssueList(answer.stdout, 'number', 'body');
    return typeof issues === 'string' ? `"gh issue list" printed ${issues}.` : issues;
  };
  return new PolledSource({
    type: 'github',
    place: 'gh issue list',
    everyMs: everySeconds * 1000,
    fetch: async () => {
      const issues = await read(label === null ? list : [...list, '--label', label]);
      if (typeof issues === 'string') return issues;
      if (label === null && issues.length < most) return issueItems(issues, new Set());
      // An issue without the label may well be open, and then what depends on it has to wait.
      const others = unlisted(issues) ? await read(list) : [];
      const isKnown = typeof others !== 'string' && others.length < most;
      return issueItems(issues, isKnown ? new Set(others.map(({ number }) => number)) : null);
    },
    write: issueWriter(ask, writing, {
      comment: (number, text) => ['gh', 'issue', 'comment', number, '--body', text, ...where],
      close: number => ['gh', 'issue', 'close', number, ...where],
      reopen: number => ['gh', 'issue', 'reopen', number, ...where],
      addLabel: (number, name) => ['gh', 'issue', 'edit', number, '--add-label', name, ...where],
      removeLabel: (number, name) => ['gh', 'issue', 'edit', number, '--remove-label', name, ...where],
    }),
  });
}
