import { scrollTo } from '../../presentation/layout.ts';
import type { ReviewPage } from './review-page.ts';

/** Where the reviewer is on the page: the cursor, and the rows in sight. */
export class PagePlace {
  /** Row of the cursor, counted from the first one of the body: the facts are above it. */
  cursor = Number.NEGATIVE_INFINITY;
  /** First row of the page in sight, counted from the first fact. */
  offset = 0;

  reset(): void {
    this.cursor = Number.NEGATIVE_INFINITY;
    this.offset = 0;
  }

  /** Keeps cursor and window within the page, whatever has become of it. */
  settle({ facts, body }: ReviewPage, height: number): void {
    this.cursor = Math.max(-facts.length, Math.min(body.rows.length - 1, this.cursor));
    const total = facts.length + body.rows.length;
    const row = this.cursor + facts.length;
    // The row below is in sight as well: a comment on the line stands there.
    const offset = height < 3 ? this.offset : scrollTo(Math.min(row + 1, total - 1), this.offset, height, total);
    this.offset = scrollTo(row, offset, height, total);
  }

  move(page: ReviewPage, height: number, by: number): void {
    this.settle(page, height);
    this.cursor += by;
    this.settle(page, height);
  }

  /** The row becomes the first in sight, as far as there are rows below it. */
  goTo(page: ReviewPage, height: number, at: number): void {
    this.cursor = at;
    this.offset = at + page.facts.length;
    this.settle(page, height);
  }
}
