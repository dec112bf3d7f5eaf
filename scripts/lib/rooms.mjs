/**
 * What each room of `source/` may import. Anything that is not listed is forbidden: a new import is a decision, made here.
 * `rooms`: other rooms (a folder below `source/`). `packages`: libraries and `node:` modules; `node:*` stands for all of them
 * except `node:child_process`, which only adapters/processes may use. `files`: single files of rooms that are closed otherwise.
 */
export const rooms = {
  domain: { rooms: [], packages: ['picomatch'] },
  ports: { rooms: ['domain'], packages: [] },
  coordinator: { rooms: ['domain', 'ports'], packages: [] },
  agents: { rooms: ['adapters', 'domain', 'ports'], packages: ['node:*'] },
  demo: { rooms: ['domain'], packages: ['node:*'] },
  runtime: { rooms: ['coordinator', 'domain', 'ports'], packages: [] },
  commands: { rooms: ['coordinator', 'domain', 'ports'], packages: [] },
  ui: {
    rooms: ['commands', 'coordinator', 'domain', 'ports'],
    packages: ['diff', 'ink', 'ink-table', 'react', 'string-width', 'node:process'],
  },
  cli: { rooms: '*', packages: ['commander', 'node:*'] },
  adapters: { rooms: ['domain', 'ports'], packages: ['node:*'] },
  'adapters/activity': { rooms: ['adapters', 'domain', 'ports'], packages: ['zod/mini', 'node:*'] },
  'adapters/acp': {
    rooms: ['adapters', 'adapters/processes', 'adapters/socket', 'domain', 'ports'],
    packages: ['@agentclientprotocol/sdk', 'node:*'],
  },
  'adapters/config': { rooms: ['adapters', 'domain', 'ports'], packages: ['conf', 'zod/mini', 'node:*'] },
  'adapters/fleet': {
    rooms: ['adapters', 'adapters/git', 'domain', 'ports'],
    packages: ['bullmq', 'zod/mini', 'node:*'],
  },
  'adapters/files': { rooms: ['adapters', 'domain', 'ports'], packages: ['node:*'] },
  'adapters/forge': { rooms: ['adapters', 'domain', 'ports'], packages: ['zod/mini', 'node:*'] },
  'adapters/git': {
    rooms: ['adapters', 'adapters/system', 'domain', 'ports'],
    packages: ['simple-git', 'zod/mini', 'node:*'],
  },
  'adapters/journal': { rooms: ['adapters', 'domain', 'ports'], packages: ['zod/mini', 'node:*'] },
  'adapters/lock': { rooms: ['adapters', 'adapters/system', 'domain', 'ports'], packages: ['zod/mini', 'node:*'] },
  'adapters/logs': { rooms: ['adapters', 'adapters/processes', 'domain', 'ports'], packages: ['node:*'] },
  'adapters/machine': {
    rooms: ['adapters', 'adapters/system', 'domain', 'ports'],
    packages: ['systeminformation', 'node:*'],
  },
  'adapters/processes': {
    rooms: ['adapters', 'adapters/system', 'domain', 'ports'],
    packages: ['execa', 'zod/mini', 'node:*', 'node:child_process'],
  },
  'adapters/system': {
    rooms: ['adapters', 'domain', 'ports'],
    // `ps`, `lsof` and `sysctl` are programs like any other.
    files: ['source/adapters/processes/ask-program.ts'],
    packages: ['node:*'],
  },
  'adapters/sources': {
    rooms: ['adapters', 'adapters/files', 'domain', 'ports'],
    packages: ['jsonc-parser', 'yaml', 'zod/mini', 'node:*'],
  },
  'adapters/socket': {
    rooms: ['adapters', 'adapters/lock', 'domain', 'ports'],
    // A viewer shows the coordinator's own state, carried over the socket as it is; the core says who may give commands.
    files: [
      'source/coordinator/api/admission.ts',
      'source/coordinator/state/handle.ts',
      'source/coordinator/state/state.ts',
    ],
    packages: ['zod/mini', 'node:*'],
  },
};

/** A folder with more files than this is a drawer: part it into folders that tell what belongs together. */
export const filesPerFolder = 15;

/** Lines; more is a file with two subjects. */
export const linesPerFile = 300;
