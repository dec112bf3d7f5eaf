import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestRepository } from './repository.ts';

/**
 * Makes a commit graph say that `child` has `parent` for a second parent: git believes it without reading the commits. Both have to be
 * reachable from refs, in a repository of SHA-1 names.
 */
export function writeFalseGraph(repo: TestRepository, child: string, parent: string): void {
  repo.git('-c', 'commitGraph.generationVersion=1', 'commit-graph', 'write', '--reachable');
  const file = join(repo.root, '.git/objects/info/commit-graph');
  const graph = readFileSync(file);
  const chunk = (name: string) => Number(graph.readBigUInt64BE(graph.indexOf(name, 8, 'latin1') + 4));
  const [names, commits] = [chunk('OIDL'), chunk('CDAT')];
  const position = (oid: string) => (graph.indexOf(oid, names, 'hex') - names) / 20;
  // A commit: its tree, two parents, and its generation, here beyond all others, so that no search stops before the false parent.
  const entry = commits + position(child) * 36;
  graph.writeUInt32BE(position(parent), entry + 24);
  graph.writeUInt32BE(1000 * 4, entry + 28);
  rmSync(file);
  writeFileSync(file, graph);
}
