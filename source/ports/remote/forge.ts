import type { PullRequest } from '../../domain/queue/pull-request.ts';

export type OpenResult =
  | { readonly outcome: 'opened'; readonly pr: PullRequest }
  /** One sentence with the fix. */
  | { readonly outcome: 'failed'; readonly message: string };

/** What the coordinator asks of the forge (GitHub, GitLab), through the user's own login there. Nothing here ever prompts. */
export interface ForgePort {
  /** Opens a pull request for a branch that is there already; one that is open for it is found instead. */
  open(request: {
    readonly branch: string;
    readonly target: string;
    readonly title: string;
    readonly body: string;
  }): Promise<OpenResult>;
  /** As it is now; null: the forge gave no answer that can be read. */
  read(number: number): Promise<PullRequest | null>;
  /** What reviewers wrote, oldest first, sanitised; null: the forge gave no answer that can be read. */
  comments(number: number): Promise<readonly string[] | null>;
}
