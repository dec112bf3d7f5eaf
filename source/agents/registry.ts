import { CmError } from '../domain/errors.ts';
import type { AgentOverride, Settings } from '../domain/settings.ts';
import type { AgentProfile, AgentReader } from '../ports/agents.ts';
import { makeAcpProfile } from './acp/profile.ts';
import { type AcpProgram, acpPrograms, acpVariants } from './acp/programs.ts';
import { createAcpReader } from './acp/reader.ts';
import { makeProfile, plainSettings } from './launch/program.ts';
import { createDemoReader, demo } from './programs/demo.ts';
import { programs } from './programs/index.ts';
import { createJsonLinesReader, createTextReader } from './programs/plain.ts';
import { safeReader } from './reading/reader-kit.ts';
import { withSessionLine } from './reading/session-line.ts';

const inOrder = [...programs].sort((one, other) => one.rank - other.rank);

/** What can read the output of a program, by the name that settings give it. */
const readers: Readonly<Record<string, () => AgentReader>> = {
  text: createTextReader,
  'json-lines': createJsonLinesReader,
  ...Object.fromEntries(inOrder.map(({ name, createReader }) => [name, createReader])),
  demo: createDemoReader,
  acp: createAcpReader,
};

/** The agents that can be named in settings and on the command line: built-in ones and the user's own. */
export class AgentRegistry {
  private readonly profiles = new Map<string, AgentProfile>();

  /**
   * @param settings its `agents` change built-in profiles or add others
   * @param self how to start this program again, for the demo agent
   * @throws CmError (exit code 2) if an agent of the settings has no command or an unknown reader
   */
  constructor(
    settings: Pick<Settings, 'agents'> & Partial<Pick<Settings, 'checks'>>,
    self: readonly string[] = [process.execPath, process.argv[1] ?? 'cm-tui'],
  ) {
    const own = settings.agents;
    const overAcp = (program: AcpProgram, override: AgentOverride = {}) =>
      makeAcpProfile(program, override, self, settings.checks ?? []);
    for (const program of inOrder) {
      const override = own[program.name];
      const variant = override?.protocol === 'acp' ? acpVariants.find(({ name }) => name === program.name) : undefined;
      this.add(
        variant === undefined ? makeProfile(program, override) : overAcp(withInstall(variant, program), override),
      );
    }
    this.add(demo(self, own.demo));
    for (const program of acpPrograms) {
      if (own[program.name]?.protocol !== 'stream') this.add(overAcp(program, own[program.name]));
    }
    for (const [name, override] of Object.entries(own)) {
      if (this.profiles.has(name)) continue;
      const { command = '' } = override;
      if (override.protocol === 'acp' && command !== '')
        this.add(overAcp({ name, command, args: [], mode: null }, override));
      else this.add(anyCommand(name, override));
    }
  }

  get(name: string): AgentProfile | undefined {
    return this.profiles.get(name);
  }

  /**
   * The profile of that name.
   * @throws CmError (exit code 2) that lists the known names
   */
  require(name: string): AgentProfile {
    const profile = this.profiles.get(name);
    if (profile !== undefined) return profile;
    throw new CmError(
      `Unknown agent "${name}". Use one of ${this.names().join(', ')}, or set agents.${name}.command.`,
      2,
    );
  }

  /**
   * The profile with which an agent reads finished work: in its read-only mode, or with its `reviewArgs`. Of a program without either the
   * command line is its own.
   * @throws CmError (exit code 2) that lists the known names
   */
  static reading(settings: Pick<Settings, 'agents'>, name: string, self?: readonly string[]): AgentProfile {
    const { settings: known } = new AgentRegistry(settings, self).require(name);
    const override = settings.agents[name] ?? {};
    const own = known.protocol === 'acp' ? readOverAcp(name, override) : readByStream(name, override);
    return new AgentRegistry({ agents: { [name]: own } }, self).require(name);
  }

  /** All names, the built-in ones first. */
  names(): readonly string[] {
    return [...this.profiles.keys()];
  }

  private add(profile: AgentProfile): void {
    const create = Object.hasOwn(readers, profile.settings.reader) ? readers[profile.settings.reader] : undefined;
    if (create === undefined) {
      throw new CmError(
        `Invalid agents.${profile.name}.reader "${profile.settings.reader}". Use one of ${Object.keys(readers).join(', ')}.`,
        2,
      );
    }
    const { sessionLine } = profile.settings;
    const reader = sessionLine === null ? create : () => withSessionLine(create(), sessionLine);
    this.profiles.set(profile.name, { ...profile, createReader: () => safeReader(reader()) });
  }
}

/** Nothing but reading needs no question, and no question is asked. */
function readOverAcp(name: string, { mode: _mode, args, ...override }: AgentOverride): AgentOverride {
  const program = [...acpVariants, ...acpPrograms].find(one => one.name === name);
  const { reviewArgs = null } = override;
  const words = reviewArgs ?? args;
  return {
    ...override,
    ...(words === undefined ? {} : { args: words }),
    mode: program?.readMode ?? null,
    permissions: 'read',
    askTimeout: 0,
  };
}

/** The arguments of its read-only mode stand in place of all others, those that permit something above all. */
function readByStream(name: string, override: AgentOverride): AgentOverride {
  const program = programs.find(one => one.name === name);
  const { reviewArgs = null } = override;
  const alone = { ...override, interactive: false };
  if (reviewArgs !== null) return { ...alone, args: reviewArgs, extraArgs: [] };
  if (program?.readOnly === undefined) return alone;
  const { args, env } = program.readOnly;
  const { prompt, reader } = program.defaults;
  return { ...alone, args, extraArgs: [], prompt, reader, env: { ...override.env, ...env } };
}

/** Over either protocol it is the same program to install, with the same variables. */
function withInstall(variant: AcpProgram, { install, passEnv }: (typeof programs)[number]): AcpProgram {
  return { ...variant, install, ...(passEnv === undefined ? {} : { passEnv }) };
}

/** A program that only the settings know. The prompt goes where its placeholders are, or as `prompt` says. */
function anyCommand(name: string, override: AgentOverride): AgentProfile {
  if (override.command === undefined || override.command === '') {
    throw new CmError(`Agent "${name}" has no command. Set agents.${name}.command.`, 2);
  }
  return makeProfile(
    {
      name,
      install: `Install "${override.command}", or fix agents.${name}.command.`,
      // An unknown program may take any argument for work: it is not asked for its version unless settings say how.
      defaults: { ...plainSettings(override.command), versionArgs: [] },
      modelArgs: model => ['--model', model],
      createReader: createTextReader,
    },
    override,
  );
}
