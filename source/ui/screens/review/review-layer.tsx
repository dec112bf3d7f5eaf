import type { ReactNode } from 'react';
import type { ActionContext, ViewAct } from '../../../commands/action.ts';
import { messageOf } from '../../../domain/errors.ts';
import { type Instance, isAlive } from '../../../domain/instance.ts';
import type { ReviewMaterial } from '../../../domain/review/material.ts';
import { parseDiff } from '../../../domain/review/parse-diff.ts';
import { noReview } from '../../../domain/review/review.ts';
import { handOver } from '../../controller/outside.ts';
import type { Layer, LayerHost, OpenLayer, Position } from '../../layer.ts';
import type { KeyPress } from '../../terminal/keys.ts';
import type { Size } from '../../terminal/size.ts';
import { beginSearch, noSearch, type Search, searchKey, searchLine, searchPaste } from '../parts/search.ts';
import { isFolded, isViewed, load } from './document.ts';
import { drawReview, roomOf } from './draw-review.tsx';
import { listWidth } from './file-list.ts';
import { PagePlace } from './place.ts';
import { aboutDiff, ReviewNotes, sendQuietly } from './review-notes.ts';
import { fileAt, freshPage, type PageSettings, pageMaker, type ReviewPage } from './review-page.ts';
import {
  approvalOf,
  branchStep,
  editorRequest,
  fileStep,
  hunkStep,
  matchStep,
  type PageStep,
  pagerRequest,
} from './steps.ts';

/** Columns by which long lines move to the side. */
const shiftStep = 16;

/**
 * Everything about a branch that a person decides on, its diff included. What `y` approves is the head that the diff was made for,
 * whatever becomes of the branch meanwhile.
 */
class ReviewLayer implements Layer {
  readonly view = 'review';
  readonly floating = false;
  private run: Instance;
  private settings: PageSettings;
  private readonly page = pageMaker();
  private problem: string | null = null;
  private ignoreWhitespace = false;
  private search: Search = noSearch;
  private readonly place = new PagePlace();
  private readonly notes: ReviewNotes;
  private shift = 0;
  /** The reviewer has done something on this page. */
  private acted = false;
  /** The approval was given before the diff had been read. */
  private landsWhenRead = false;
  /** What was pressed about the diff before it had been read. */
  private pressed: ViewAct[] = [];
  private round = 0;

  constructor(
    private readonly host: LayerHost,
    private readonly context: ActionContext,
    instance: Instance,
  ) {
    this.run = instance;
    this.settings = freshPage(instance);
    this.notes = new ReviewNotes(host, this.place);
    this.load();
  }

  get hints(): Layer['hints'] {
    return this.notes.hints(this.search);
  }

  get selection(): NonNullable<Layer['selection']> {
    const instance = this.instance();
    const { roadmap, adHoc } = this.host.handle.state();
    const item = [...roadmap.items, ...adHoc].find(({ id }) => id === instance.priorityId) ?? null;
    return { item: item ?? this.context.item, instance };
  }

  /** The run as it is now; the page still shows the head that it was opened on. */
  private instance(): Instance {
    return this.host.handle.state().instances.findLast(({ runId }) => runId === this.run.runId) ?? this.run;
  }

  private load(): void {
    const round = ++this.round;
    const { run, ignoreWhitespace } = this;
    const { runId, head } = run;
    const taken = (change: Partial<PageSettings>): void => {
      if (round !== this.round) return;
      this.change(change);
      if (!this.isUnread()) for (const what of this.pressed.splice(0)) this.act(what);
      if (this.landsWhenRead && this.settings.loaded !== null) return this.answer('yes');
      // Above the cursor nothing may have grown before anybody has moved it.
      if (!this.acted) this.place.reset();
      this.host.changed();
    };
    this.host.handle.diff(runId, { ignoreWhitespace, ...(head === null ? {} : { head }) }).then(
      text => taken({ loaded: load(parseDiff(text), head) }),
      (error: unknown) => {
        this.problem = messageOf(error);
        this.pressed = [];
        taken({});
      },
    );
    this.host.handle.review(runId).then(
      (material: ReviewMaterial) => taken({ material }),
      () => taken({ material: { itemText: null, summary: null, commits: null } }),
    );
  }

  /** Once the branch was rejected or its agent has resumed, there is nothing left to decide. */
  refresh(): boolean {
    const { state } = this.instance();
    if (isAlive(state) || (state === 'rejected' && this.run.state !== 'rejected')) this.host.close(this);
    return true;
  }

  key(key: KeyPress): boolean {
    const typed = searchKey(this.search, key);
    if (typed !== null) {
      this.search = typed.search;
      if (typed.problem !== null) this.host.showMessage(typed.problem, 'warning');
      if (typed.submitted) this.find(1, true);
      this.host.changed();
      return true;
    }
    return this.notes.key(key);
  }

  paste(text: string): void {
    this.search = searchPaste(this.search, text);
    this.host.changed();
  }

  act(what: ViewAct): void {
    this.acted = true;
    this.landsWhenRead = false;
    // What follows a key about the diff is about the diff as well.
    if (this.isUnread() && (aboutDiff.has(what) || this.pressed.length > 0)) return void this.pressed.push(what);
    const steps: Partial<Record<ViewAct, () => unknown>> = {
      down: () => this.move(1),
      up: () => this.move(-1),
      'page-down': () => this.move(this.height() - 1),
      'page-up': () => this.move(1 - this.height()),
      top: () => this.move(Number.NEGATIVE_INFINITY),
      bottom: () => this.move(Number.POSITIVE_INFINITY),
      left: () => (this.shift = Math.max(0, this.shift - shiftStep)),
      right: () => (this.shift += shiftStep),
      'next-part': () => this.follow(fileStep(this.laidOut(), this.place.cursor, 1), 'top'),
      'previous-part': () => this.follow(fileStep(this.laidOut(), this.place.cursor, -1), 'top'),
      'next-hunk': () => this.follow(hunkStep(this.laidOut(), this.place.cursor, 1), 'top'),
      'previous-hunk': () => this.follow(hunkStep(this.laidOut(), this.place.cursor, -1), 'top'),
      'next-review': () => this.toBranch(1),
      'previous-review': () => this.toBranch(-1),
      search: () => {
        this.search = beginSearch(this.search);
      },
      'next-match': () => this.find(1, false),
      'previous-match': () => this.find(-1, false),
      whitespace: () => {
        this.ignoreWhitespace = !this.ignoreWhitespace;
        this.load();
      },
      accept: () => this.change({ accepted: !this.settings.accepted }),
      fold: () => this.fold(),
      viewed: () => this.markViewed(),
      'select-lines': () => this.notes.select(this.laidOut(), this.run, () => this.fold()),
      'remove-comment': () => this.notes.remove(this.laidOut(), this.run),
      pager: () => handOver(this.host, pagerRequest(this.settings.loaded)),
      editor: () => handOver(this.host, editorRequest(this.laidOut(), this.place.cursor, this.run.runId)),
    };
    steps[what]?.();
    this.host.changed();
  }

  answer(answer: 'yes' | 'no'): void {
    const instance = this.instance();
    if (answer === 'no') return this.host.close(this);
    const { head, accepted } = this.settings;
    const wanted = approvalOf(this.host.handle.state(), instance, { head, accepted });
    if (typeof wanted === 'string') return this.host.showMessage(wanted, 'warning');
    this.landsWhenRead = this.isUnread();
    if (this.landsWhenRead) return this.host.showMessage('Lands once the diff has been read. Any other key withdraws.');
    this.host.close(this);
    this.host.send(wanted);
  }

  render(size: Size): ReactNode {
    const page = this.laidOut(size);
    this.place.settle(page, this.height(size));
    return drawReview(size, {
      page,
      instance: this.instance(),
      head: this.run.head,
      cursor: this.place.cursor,
      offset: this.place.offset,
      anchor: this.notes.anchor,
      shift: this.shift,
      search: this.search,
      problem: this.problem,
      reading: this.settings.loaded === null,
      ignoreWhitespace: this.ignoreWhitespace,
    });
  }

  textCursor(size: Size): Position | null {
    const files = this.fileCount();
    const field = searchLine(this.search, roomOf(size, files).width);
    return field === null ? null : { x: listWidth(size.columns, files) + field.column + 1, y: size.rows - 2 };
  }

  private laidOut(size: Size = this.pageSize()): ReviewPage {
    const { width } = roomOf(size, this.fileCount());
    return this.page(this.host.handle.state(), this.instance(), this.settings, width);
  }

  private fileCount(): number {
    return this.settings.loaded?.diff.files.length ?? 0;
  }

  private isUnread(): boolean {
    return this.settings.loaded === null && this.problem === null;
  }

  private pageSize(): Size {
    const { columns, rows } = this.host.size();
    return { columns, rows: rows - 2 };
  }

  private height(size: Size = this.pageSize()): number {
    const { height } = roomOf(size, this.fileCount());
    return Math.max(1, height - (this.search.field === null ? 0 : 1));
  }

  private readonly change = (change: Partial<PageSettings>): void => {
    this.settings = { ...this.settings, ...change };
  };

  private move(by: number): void {
    this.place.move(this.laidOut(), this.height(), by);
  }

  /** Goes where a step leads, to the top of the window or just into sight, or says why it leads nowhere. */
  private follow(step: PageStep, how: 'top' | 'in sight'): void {
    if (typeof step === 'string') return this.host.showMessage(step, 'warning');
    if (how === 'top') return this.place.goTo(this.laidOut(), this.height(), step);
    this.place.cursor = step;
    this.place.settle(this.laidOut(), this.height());
  }

  private find(by: 1 | -1, inclusive: boolean): void {
    this.follow(matchStep(this.laidOut(), this.place.cursor, this.search, { by, inclusive }), 'in sight');
  }

  private toBranch(by: 1 | -1): void {
    const next = branchStep(this.host.handle.state(), this.run, by);
    if (next === null) return this.host.showMessage('No other branch is ready for review.', 'warning');
    this.run = next;
    this.settings = freshPage(next);
    this.problem = null;
    this.pressed = [];
    this.place.reset();
    this.acted = false;
    this.notes.anchor = null;
    this.shift = 0;
    this.load();
  }

  private fold(): void {
    const page = this.laidOut();
    const file = fileAt(page, this.place.cursor);
    const path = page.loaded.diff.files[file]?.path;
    if (path === undefined) return this.change({ all: !this.settings.all });
    const folded = isFolded(page.loaded, this.instance().review ?? noReview, this.settings.toggled, file);
    this.change({ toggled: new Map([...this.settings.toggled, [path, !folded]]) });
    this.place.cursor = page.body.starts[file] ?? this.place.cursor;
  }

  /** Marks the file as viewed, which folds it, and goes to the next one; or removes the mark. */
  private markViewed(): void {
    const page = this.laidOut();
    const file = fileAt(page, this.place.cursor);
    const { path } = page.loaded.diff.files[file] ?? {};
    if (path === undefined) return this.host.showMessage('Move to a file first: Tab goes to the next one.', 'warning');
    const viewed = isViewed(this.instance().review ?? noReview, page.loaded, file);
    const toggled = new Map(this.settings.toggled);
    toggled.delete(path);
    this.change({ toggled });
    this.place.cursor = page.body.starts[file] ?? this.place.cursor;
    const mark = viewed ? null : (page.loaded.marks[file] ?? null);
    sendQuietly(this.host, { type: 'mark-viewed', id: this.run.runId, path, mark }, () => {
      if (!viewed && file + 1 < page.body.starts.length) this.act('next-part');
    });
  }
}

export const openReview: OpenLayer = (host, context) => {
  if (context.instance === null) throw new Error('no branch to review');
  return new ReviewLayer(host, context, context.instance);
};
