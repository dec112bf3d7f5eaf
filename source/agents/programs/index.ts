// Written by "npm run build" from the files of this folder.
import type { Program } from '../launch/program.ts';
import { aider } from './aider.ts';
import { claude } from './claude.ts';
import { codex } from './codex.ts';
import { copilot } from './copilot.ts';
import { cursor } from './cursor.ts';
import { gemini } from './gemini.ts';
import { opencode } from './opencode.ts';
import { pi } from './pi.ts';
import { qwen } from './qwen.ts';

/** The built-in agents, in the order of the alphabet. */
export const programs: readonly Program[] = [aider, claude, codex, copilot, cursor, gemini, opencode, pi, qwen];
