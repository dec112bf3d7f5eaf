#!/usr/bin/env node
import { keepCompiledCode } from './source/cli/compile-cache.ts';

const [command, ...rest] = process.argv.slice(2);

keepCompiledCode();
// The demo agent starts often, so it must not wait for modules it does not use.
process.exitCode =
  command === 'demo-agent'
    ? await (await import('./source/cli/commands/setup/demo-agent.ts')).demoAgent(rest)
    : await (await import('./source/cli/main.ts')).main(process.argv.slice(2));
