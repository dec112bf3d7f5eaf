import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { onTerminal } from '../../helpers/programs/on-terminal.ts';
import type { Product } from '../../helpers/programs/product.ts';
import type { Pty } from '../../helpers/programs/pty.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { sampleOf } from '../../helpers/tiers.ts';

/** The whole way of a new user, by what the screen says alone: every step waits for the words that name its key. */

let screen: Pty | null = null;

afterEach(async () => {
  await screen?.dispose();
  screen = null;
});

const prompt = [
  'Write a greeting.',
  '',
  'It exports greet(name):',
  '- returns hello and the name',
  '- trims the name',
  '- never throws',
  '',
  'Use tabs.',
  'Keep it small.',
  'Then commit.',
];

/** Waits for a sign, so that two of them are seen at work at once; follows a review where its file is there already. */
const agent = [
  'until [ -e "$CM_WORKTREE/../go" ] || [ -e ../go ]; do read -t 1 nothing < /dev/null || :; done',
  'case "$(cat "$CM_PROMPT_FILE")" in *greet*) file=greeting.js;; *) file=notes.md;; esac',
  'if [ -e "$file" ]; then cp "$CM_PROMPT_FILE" ../review; echo \'greet = "Hello"\' > "$file";',
  'else echo \'greet = "hello"\' > "$file"; fi',
  'git add -A && git commit -qm "Write $file" && echo "Wrote $file and committed it."',
].join('\n');

class Walk {
  /** Every key pressed; a text that is typed or pasted counts as one. */
  keys = 0;

  constructor(
    private readonly pty: Pty,
    readonly one: Product,
  ) {}

  async see(...texts: readonly RegExp[]): Promise<string[]> {
    const rows = await this.pty.waitFor(
      now => texts.every(text => text.test(now.join('\n'))),
      texts.map(String).join(' and '),
    );
    return rows;
  }

  async gone(worktree: string): Promise<void> {
    await this.pty.waitFor(() => !this.one.git('worktree', 'list').includes(worktree), `the end of ${worktree}`);
  }

  press(...keys: readonly string[]): void {
    for (const key of keys) {
      this.keys++;
      this.pty.press(key);
    }
  }

  paste(text: string): void {
    this.press(`\u001b[200~${text.replaceAll('\n', '\r')}\u001b[201~`);
  }
}

const sizes = [
  [120, 40],
  [160, 45],
  [80, 24],
  [60, 16],
] as const;

describe('a new user', () => {
  test.each(sampleOf(sizes, (_, at) => at === 0))(
    'goes from a clone to two landings and a revert at %i×%i',
    async (columns, rows) => {
      const one = temporaryProduct({ items: [], agent });
      one.git('rm', '-q', 'docs/roadmap/ROADMAP.md');
      one.git('commit', '-qm', 'No ROADMAP');
      screen = onTerminal(one, { columns, rows });
      const walk = new Walk(screen, one);

      await walk.see(/No ROADMAP with items found/, /n +new item/);
      walk.press('n');
      await walk.see(/What should the agent do\?/, /Enter next/);
      walk.paste(prompt.join('\n'));
      await walk.see(/Then commit\./);
      walk.press('\r');
      await walk.see(/Write a greeting\./, /Enter start/);
      walk.press('greeting.js');
      await walk.see(/greeting\.js/);
      walk.press('\r');
      await walk.see(/TASK-1 ● running/);

      walk.press('n');
      await walk.see(/What should the agent do\?/, /Enter next/);
      walk.press('Write notes');
      await walk.see(/Write notes/);
      walk.press('\r');
      await walk.see(/Enter start/);
      walk.press('notes.md');
      await walk.see(/notes\.md/);
      walk.press('\r');
      await walk.see(/2\/4 run/);
      writeFileSync(join(one.root, '../go'), '');

      await walk.see(/2 ready for review \(m\)/, /! next/);
      walk.press('!', 'm');
      await walk.see(/Land TASK-1 on roadmap\?/, /Tab file/);
      walk.press('\t');
      await walk.see(/▸■ greeting\.js/, /hello/);
      walk.press('j', 'j', '\r');
      await walk.see(/Enter write the comment/);
      walk.press('\r');
      await walk.see(/Comment on greeting\.js:1/, /Enter/);
      walk.press('Say Hello with a capital letter.');
      await walk.see(/capital letter/);
      walk.press('\r');
      await walk.see(/to send, line 1: Say Hello/, /Press b to send it/);
      walk.press('b');
      await walk.see(/greeting\.js:1: Say Hello/, /Enter/);
      walk.press('\r');
      await walk.see(/2 ready for review \(m\)/, /TASK-1 ◆/);
      expect(existsSync(join(one.root, '../review'))).toBe(true);

      walk.press('m');
      await walk.see(/Land TASK-1 on roadmap\?/, /y land/);
      walk.press('y');
      await walk.see(/1\/2 landed/);
      walk.press('!', 'm');
      await walk.see(/Land TASK-2 on roadmap\?/, /y land/);
      walk.press('y');
      await walk.see(/2\/2 landed/);

      walk.press('u');
      await walk.see(/y yes/);
      walk.press('y');
      await walk.see(/1\/2 landed/, /reverted/);
      expect(one.git('ls-files', '--', 'greeting.js', 'notes.md')).toBe('greeting.js');

      walk.press('c');
      await walk.see(/✓ remove:/, /y yes/);
      walk.press('y');
      await walk.gone('wt001');
      expect(walk.keys).toBe(30);
    },
  );
});
