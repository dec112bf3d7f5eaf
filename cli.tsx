import { main } from './source/cli/main.ts';

process.exitCode = await main(process.argv.slice(2));
