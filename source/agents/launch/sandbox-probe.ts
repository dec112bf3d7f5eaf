import { messageOf } from '../../domain/errors.ts';
import { withoutFullStop } from '../../domain/text/clause.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { AgentProfile } from '../../ports/agents.ts';
import type { AgentRegistry } from '../registry.ts';
import { definedOnly, findProgram, type ProbeWorld } from './probe.ts';

/** What a trial of an agent's sandbox has shown. */
export interface SandboxTrial {
  readonly agent: string;
  readonly sandbox: string;
  /** One sentence that says what to do; null: it works. */
  readonly problem: string | null;
}

const timeLimitMs = 15_000;

/** Tries the sandbox of every agent that has one. */
export function trySandboxes(registry: AgentRegistry, world: ProbeWorld): Promise<readonly SandboxTrial[]> {
  const profiles = registry.names().flatMap(name => registry.get(name) ?? []);
  return Promise.all(
    profiles
      .filter(({ settings }) => settings.sandbox !== 'off')
      .map(async profile => ({
        agent: profile.name,
        sandbox: profile.settings.sandbox,
        problem: await problemOf(profile, world),
      })),
  );
}

/** How to install the program of each sandbox. */
export const sandboxInstall = {
  bwrap: 'Install bubblewrap (apt install bubblewrap).',
  podman: 'Install Podman.',
  docker: 'Install Docker.',
} as const;

async function problemOf({ name, settings }: AgentProfile, world: ProbeWorld): Promise<string | null> {
  const { sandbox, sandboxOptions } = settings;
  if (sandbox === 'off') return null;
  const path = findProgram(sandbox, world);
  if (path === null) return `"${sandbox}" is not installed. ${sandboxInstall[sandbox]}`;
  const { image } = sandboxOptions;
  if (sandbox !== 'bwrap' && image === null) return `Set agents.${name}.sandboxOptions.image to an image.`;
  const words = sandbox === 'bwrap' ? [path, ...smallest, 'true'] : [path, 'image', 'inspect', image ?? ''];
  try {
    const { exitCode, output } = await world.run(words, {
      cwd: world.cwd,
      env: definedOnly(world.env),
      timeoutMs: timeLimitMs,
    });
    if (exitCode === 0) return null;
    const said = withoutFullStop(sanitizeLine(output.trim().split('\n').at(-1) ?? '', 200));
    return sandbox === 'bwrap'
      ? `bubblewrap cannot make namespaces here (${said}). Allow user namespaces, or use another sandbox.`
      : `${sandbox} does not have the image ${sanitizeLine(image ?? '', 100)} (${said}). Pull or build it first.`;
  } catch (error) {
    return `"${sandbox}" cannot be started: ${sanitizeLine(messageOf(error), 200)}`;
  }
}

/** Namespaces and mounts as a sandbox has them, around a program that does nothing. */
const smallest = [
  ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp'],
  ...['--unshare-pid', '--unshare-ipc', '--cap-drop', 'ALL', '--die-with-parent', '--'],
] as const;
