// Written by "npm run build" from the files of this folder.
import type { Program } from '../launch/program.ts';
import { aider } from './aider.ts';
import { amp } from './amp.ts';
import { claude } from './claude.ts';
import { codex } from './codex.ts';
import { copilot } from './copilot.ts';
import { crush } from './crush.ts';
import { cursor } from './cursor.ts';
import { droid } from './droid.ts';
import { gemini } from './gemini.ts';
import { opencode } from './opencode.ts';
import { pi } from './pi.ts';
import { qwen } from './qwen.ts';

/** The built-in agents, in the order of the alphabet. */
export const programs: readonly Program[] = [
  aider,
  amp,
  claude,
  codex,
  copilot,
  crush,
  cursor,
  droid,
  gemini,
  opencode,
  pi,
  qwen,
];
