import fs from 'node:fs';
import net from 'node:net';
import { refusalOf } from '../../coordinator/api/admission.ts';
import type { CoordinatorHandle } from '../../coordinator/state/handle.ts';
import type { State } from '../../coordinator/state/state.ts';
import { CmError } from '../../domain/errors.ts';
import type { RunId } from '../../domain/ids.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { CallersPort } from '../../ports/callers.ts';
import type { Command } from '../../ports/commands.ts';
import { securePlace } from '../secure-place.ts';
import { forgetProofs, Introduction } from './introduction.ts';
import { Peer } from './peer.ts';
import { announcePlace, socketPlaces, withdraw } from './place.ts';
import { lineLimit, type Request } from './protocol.ts';
import { numberedTails } from './tails.ts';

/** Shortest time between two states sent to viewers. */
const pushEveryMs = 50;
const clientLimit = 64;

export interface ServeOptions {
  readonly callers: CallersPort;
  /** Hears of a run's process that wanted to change something, and was refused. */
  readonly onRefused?: (runId: RunId, command: Command) => void;
  /** Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A served socket. */
export interface ControlServer {
  /** Where it listens. */
  readonly path: string;
  close(): void;
}

/**
 * Serves the owner's control socket: one JSON object a line, only for the user who runs it (folder 0700, socket 0600). Everybody there may
 * look; commands are taken from people, not from the processes of runs. The caller must own the repository. It keeps no program running.
 * Throws a `CmError` (exit 3) where no socket can be made.
 */
export async function serveControl(
  stateDir: string,
  handle: CoordinatorHandle,
  options: ServeOptions,
): Promise<ControlServer> {
  fs.mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  forgetProofs(stateDir);
  const peers = new Set<Peer>();
  const stateLine = stateLines(() => handle.state());
  const tails = numberedTails(handle.logs);
  const pushSoon = coalesced(() => {
    for (const peer of peers) peer.stateChanged();
  });
  const server = net.createServer(socket => {
    if (peers.size >= clientLimit && !makeRoom(peers)) return refuse(socket);
    const peer: Peer = new Peer(socket, {
      answer: (request, from) => answer(handle, tails, options, request, from),
      introduction: new Introduction(stateDir, options.callers),
      stateLine,
      onGone: () => peers.delete(peer),
    });
    peers.add(peer);
  });
  const path = await listenSomewhere(server, socketPlaces(stateDir, options.env ?? process.env));
  announcePlace(stateDir, path);
  const unsubscribe = handle.subscribe(() => {
    if (peers.size > 0) pushSoon.request();
  });
  return {
    path,
    close() {
      unsubscribe();
      pushSoon.cancel();
      withdraw(stateDir);
      server.close();
      for (const peer of peers) peer.destroy();
    },
  };
}

/** Takes the place of the client that has asked nothing for the longest time; false where all of them are served just now. */
function makeRoom(peers: ReadonlySet<Peer>): boolean {
  const now = performance.now();
  let idlest: { readonly peer: Peer; readonly idle: number } | null = null;
  for (const peer of peers) {
    const idle = peer.idleFor(now);
    if (idle !== null && idle > (idlest?.idle ?? 0)) idlest = { peer, idle };
  }
  idlest?.peer.evict();
  return idlest !== null;
}

function refuse(socket: net.Socket): void {
  const message = `The cm-tui that owns this repository has ${clientLimit} clients, which is the limit: try again in a moment.`;
  socket.unref();
  socket.on('error', () => undefined);
  socket.end(`${JSON.stringify({ type: 'refusal', id: 0, message, exitCode: 4 })}\n`);
  socket.destroySoon();
}

function answer(
  handle: CoordinatorHandle,
  tails: ReturnType<typeof numberedTails>,
  { onRefused }: ServeOptions,
  request: Request,
  from: Introduction,
): unknown {
  switch (request.type) {
    case 'command': {
      const refusal = refusalOf(from.caller, handle.state());
      if (refusal === null) return handle.send(request.command);
      if (from.caller.kind === 'run') onRefused?.(from.caller.runId, request.command);
      throw new CmError(refusal, 3);
    }
    case 'identify':
      return from.identify(request.pid);
    case 'prove':
      return from.prove();
    case 'look':
      return {
        state: handle.state(),
        usage: handle.usage(),
        ...(handle.signals === undefined ? {} : { signals: handle.signals() }),
      };
    case 'subscribe':
      return null;
    case 'tail':
      return tails(request.runId, request.after);
    case 'diff':
      return handle.diff(request.runId, {
        ignoreWhitespace: request.ignoreWhitespace,
        ...(request.head === undefined ? {} : { head: request.head }),
      });
    case 'review':
      return handle.review(request.runId);
    case 'probe-clean':
      return handle.probeClean();
    case 'usage':
      return handle.usage();
    case 'signals':
      return handle.signals?.() ?? {};
  }
}

/** Listens at the first place that takes a socket. */
async function listenSomewhere(server: net.Server, places: readonly string[]): Promise<string> {
  let problem: unknown = new Error('every path is too long');
  for (const place of places) {
    try {
      securePlace(place);
      await listen(server, place);
      fs.chmodSync(place, 0o600);
      server.on('error', () => undefined);
      return place;
    } catch (error) {
      problem = error;
    }
  }
  if (problem instanceof CmError) throw problem;
  const reason = sanitizeLine(problem instanceof Error ? problem.message : String(problem), 200);
  throw new CmError(
    `Cannot create the control socket (${reason}): set XDG_RUNTIME_DIR to a short path that you own.`,
    3,
  );
}

function listen(server: net.Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path, exclusive: true }, () => {
      server.removeListener('error', reject);
      resolve();
    });
    server.unref();
  });
}

/** Turns the state into a line once, however many clients want it. */
function stateLines(state: () => State): () => string {
  let known: { readonly state: State; readonly line: string } | null = null;
  return () => {
    const present = state();
    if (known?.state !== present) {
      const line = JSON.stringify({ type: 'state', state: present });
      known = { state: present, line: line.length <= lineLimit ? line : JSON.stringify(tooLarge) };
    }
    return known.line;
  };
}

const tooLarge = {
  type: 'refusal',
  id: 0,
  message: 'The state is longer than 8 MiB: see the screen of the cm-tui that owns this repository.',
  exitCode: 1,
};

/** Runs `work` once for many requests, at most every `pushEveryMs`; the first of a burst at once. */
function coalesced(work: () => void): { request(): void; cancel(): void } {
  let timer: NodeJS.Timeout | null = null;
  let again = false;
  const run = (): void => {
    again = false;
    timer = setTimeout(() => {
      timer = null;
      if (again) run();
    }, pushEveryMs).unref();
    work();
  };
  return {
    request() {
      if (timer === null) run();
      else again = true;
    },
    cancel() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      again = false;
    },
  };
}
