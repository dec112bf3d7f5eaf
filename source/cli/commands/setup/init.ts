import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setSetting, settingsPlaces } from '../../../adapters/config/index.ts';
import { createProcesses } from '../../../adapters/processes/processes.ts';
import { acpVariants } from '../../../agents/acp/programs.ts';
import { type ProbeResult, probeAgents } from '../../../agents/launch/probe.ts';
import { AgentRegistry } from '../../../agents/registry.ts';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import type { Roadmap } from '../../../domain/item.ts';
import { countOf } from '../../../domain/text/count.ts';
import { escapePath, sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeLine } from '../../output/output.ts';
import { askYes, canAsk } from '../../output/prompt.ts';
import { type Context, openContext } from '../../session/context.ts';
import { sourcesOf } from '../../session/sources.ts';

const roadmapPath = 'docs/roadmap/ROADMAP.md';

const firstRoadmap = `# Roadmap

### US-001: A first item ⏸️ On hold

**Status**: ⏸️ On hold
**Files**: \`README.md\`
**Dependencies**: None

Describe the work here, as you would to a colleague. The agent reads this section, may change the paths under "Files", and
starts once the status above is 📝 Planned and every item under "Dependencies" has landed.
`;

/** `cm-tui init`: says which agents and lists there are, writes a first configuration if there is none, and asks one question at most. */
export async function initCommand(options: GlobalOptions): Promise<ExitCode> {
  const context = await openContext(options);
  const registry = new AgentRegistry(context.settings);
  const processes = createProcesses({ runsDir: join(context.stateDir, 'runs') });
  const probes = await probeAgents(registry, { run: processes.run, env: process.env, cwd: context.root });
  // The demo agent only plays: it is always there, and never the right one to configure.
  const found = probes.filter(probe => probe.found && probe.name !== 'demo');
  for (const probe of found) writeLine(`Found ${describe(probe)}.`);
  const { roadmap } = await sourcesOf(context).read();
  describeLists(roadmap);
  await configure(context, options, registry, found);
  if (roadmap.path === null && (roadmap.sources ?? []).length === 0) await offerRoadmap(context);
  writeLine('Next: "cm-tui doctor" checks the setup, "cm-tui plan" shows what may run, "cm-tui" opens the screen.');
  return 0;
}

function describe({ name, version, path, problem }: ProbeResult): string {
  const place = path === null ? '' : ` at ${escapePath(path)}`;
  const known = problem === null ? (version ?? '') : `(${problem})`;
  return `${sanitizeLine(name, 60)}${known === '' ? '' : ` ${known}`}${place}`;
}

async function configure(
  context: Context,
  options: GlobalOptions,
  registry: AgentRegistry,
  found: readonly ProbeResult[],
): Promise<void> {
  const places = settingsPlaces({ root: context.root, commonDir: context.commonDir, env: process.env });
  if (existsSync(places.repo)) {
    writeLine(`${escapePath(places.repo)} already exists and was not changed. Edit it with "cm-tui config edit".`);
    return;
  }
  const chosen = options.agent ?? preferred(context, found);
  if (chosen === null) {
    const names = registry.names().filter(name => name !== 'demo');
    throw new CmError(
      `No agent found on the PATH (looked for ${names.join(', ')}). Install one and run "cm-tui init" again, or try "cm-tui demo" without one.`,
      3,
    );
  }
  registry.require(chosen);
  await setSetting(places, 'repo', 'agent', chosen);
  writeLine(`Wrote ${escapePath(places.repo)}: the agent is ${sanitizeLine(chosen, 60)}.`);
  if (acpVariants.some(({ name, isOffered }) => name === chosen && isOffered === true))
    writeLine(
      `It permits either too little or everything unless it can ask. To answer its questions: "cm-tui config set agents.${chosen}.protocol acp".`,
    );
  const others = found.filter(({ name }) => name !== chosen);
  if (others.length > 0)
    writeLine(`To use another one: "cm-tui config set agent ${sanitizeLine(others[0]?.name ?? '', 60)}".`);
}

/** The configured agent if it is installed, since somebody may have chosen it for all repositories; else the first one found. */
function preferred({ settings }: Context, found: readonly ProbeResult[]): string | null {
  const wanted = found.find(({ name }) => name === settings.agent);
  return (wanted ?? found[0])?.name ?? null;
}

function describeLists({ path, items, sources = [], problems }: Roadmap): void {
  for (const { type, places, items: count, planned } of sources) {
    const more = places.length > 1 ? ` and ${places.length - 1} more` : '';
    const name = type === 'roadmap' ? 'ROADMAP' : type;
    writeLine(`Found ${name}: ${escapePath(places[0] ?? '')}${more}, ${countOf(count, 'item')}, ${planned} planned.`);
  }
  const empty = items.length > 0 ? undefined : problems.find(({ code }) => code === 'empty');
  if (empty !== undefined) writeLine(sanitizeLine(empty.message, 400));
  const others = problems.length - (empty === undefined ? 0 : 1);
  if (others > 0)
    writeLine(
      `${countOf(others, 'problem')} in these lists. Show ${others === 1 ? 'it' : 'them'} with "cm-tui roadmap".`,
    );
  if (path === null && sources.length === 0) writeLine('No ROADMAP found. "cm-tui run PROMPT" works without one.');
}

async function offerRoadmap({ root, settings }: Context): Promise<void> {
  const file = join(root, roadmapPath);
  if (settings.roadmap !== null || existsSync(file) || !canAsk()) return;
  if (!(await askYes(`Create ${roadmapPath} with one example?`))) return;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, firstRoadmap, { flag: 'wx' });
  writeLine(`Created ${roadmapPath}. Edit it, then commit it: agents start from committed files.`);
}
