import { runProgram } from '../../../adapters/processes/run-program.ts';
import { runDemoAgent } from '../../../agents/demo/agent.ts';

/** `cm-tui demo-agent`: the built-in agent, a program like any other. Loads nothing but itself. */
export function demoAgent(args: readonly string[]): Promise<number> {
  return runDemoAgent({
    env: process.env,
    cwd: process.cwd(),
    args,
    run: runProgram,
    write: text => void process.stdout.write(text),
  });
}
