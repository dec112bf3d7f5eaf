import { type ReviewView, reviewView } from '../../../coordinator/review/review-view.ts';
import type { State } from '../../../coordinator/state/state.ts';
import type { Oid } from '../../../domain/ids.ts';
import type { Instance } from '../../../domain/instance.ts';
import type { ReviewMaterial } from '../../../domain/review/material.ts';
import { noReview } from '../../../domain/review/review.ts';
import type { Line } from '../../presentation/line.ts';
import { reviewLines } from '../../presentation/review-lines.ts';
import { type Body, type Loaded, layOutBody, load } from './document.ts';

const nothing: ReviewMaterial = { itemText: null, summary: null, commits: [] };
const emptyDiff = load({ lines: [], files: [], hunks: [] }, null);

/** What was read for the page, and what the reviewer has set on it. */
export interface PageSettings {
  /** The head that the page was opened on: what it shows, and what an approval names. */
  readonly head: Oid | null;
  readonly loaded: Loaded | null;
  readonly material: ReviewMaterial | null;
  /** Path → folded, where the reviewer has changed that. */
  readonly toggled: ReadonlyMap<string, boolean>;
  readonly accepted: boolean;
  /** Long texts among the facts are shown whole. */
  readonly all: boolean;
}

/** Nothing read, nothing set. */
export function freshPage({ head }: Instance): PageSettings {
  return { head, loaded: null, material: null, toggled: new Map(), accepted: false, all: false };
}

/** The whole page as rows, of which only those in sight are drawn. */
export interface ReviewPage {
  readonly view: ReviewView;
  readonly facts: readonly Line[];
  readonly loaded: Loaded;
  readonly body: Body;
}

/** Lays the page out, again only where something that it is made of has changed. */
export function pageMaker(): (state: State, instance: Instance, settings: PageSettings, width: number) => ReviewPage {
  const bodyOf = remembering(layOutBody);
  const viewOf = remembering(
    (state: State, instance: Instance, head: Oid | null, material: ReviewMaterial, loaded: Loaded) =>
      reviewView(state, { ...instance, head }, material, loaded.diff, instance.endTime ?? 0, loaded.marks),
  );
  const factsOf = remembering(reviewLines);
  const optionsOf = remembering((width: number, accepted: boolean, all: boolean) => ({ width, accepted, all }));
  return (state, instance, { head, loaded, material, toggled, accepted, all }, width) => {
    const known = loaded ?? emptyDiff;
    const view = viewOf(state, instance, head, material ?? nothing, known);
    return {
      view,
      facts: factsOf(view, optionsOf(width, accepted, all)),
      loaded: known,
      body: bodyOf(known, instance.review ?? noReview, toggled),
    };
  };
}

/** The file of a row of the body: that of the last header at or above it; -1: the facts. */
export function fileAt({ body }: ReviewPage, at: number): number {
  if (at < 0) return -1;
  let low = 0;
  let high = body.starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((body.starts[middle] ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function remembering<Inputs extends unknown[], Result>(
  compute: (...inputs: Inputs) => Result,
): (...inputs: Inputs) => Result {
  let last: { readonly inputs: Inputs; readonly result: Result } | null = null;
  return (...inputs) => {
    if (last?.inputs.every((value, index) => value === inputs[index]) === true) return last.result;
    last = { inputs, result: compute(...inputs) };
    return last.result;
  };
}
