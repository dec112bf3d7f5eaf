export {};

const [command, ...rest] = process.argv.slice(2);

// The demo agent starts as often as agents do: it must not wait for what it does not use.
process.exitCode =
  command === 'demo-agent'
    ? await (await import('./source/cli/commands/setup/demo-agent.ts')).demoAgent(rest)
    : await (await import('./source/cli/main.ts')).main(process.argv.slice(2));
