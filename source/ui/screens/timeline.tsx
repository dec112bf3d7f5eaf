import type { OpenLayer } from '../layer.ts';
import { line } from '../presentation/line.ts';
import { timelineLines, timelineView } from '../presentation/timeline-lines.ts';
import { TextPage } from './parts/text-page.tsx';

/** A bar for each run over time, what waited for what, and the speed-up. */
export const openTimeline: OpenLayer = host =>
  new TextPage(host, 'timeline', () => ({
    title: line('Timeline', 'title'),
    lines: width => timelineLines(timelineView(host.handle.state(), host.now(), false), host.now(), width),
  }));
