#!/usr/bin/env node
import { keepCompiledCode } from './source/cli/compile-cache.ts';

const [command, ...rest] = process.argv.slice(2);

keepCompiledCode();
// The demo agent and the hosts of others start often, so they must not wait for modules they do not use.
process.exitCode =
  command === 'demo-agent'
    ? await (await import('./source/cli/commands/setup/demo-agent.ts')).demoAgent(rest)
    : command === 'acp-host'
      ? await (await import('./source/cli/commands/work/acp-host.ts')).acpHost(rest)
      : await (await import('./source/cli/main.ts')).main(process.argv.slice(2));
