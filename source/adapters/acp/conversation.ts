import { client, methods, PROTOCOL_VERSION, RequestError, type Stream } from '@agentclientprotocol/sdk';
import { CmError } from '../../domain/errors.ts';
import type { Decision } from '../../domain/permission/git-command.ts';
import type { WantedAction } from '../../domain/permission/permission.ts';
import { noWords } from '../../domain/text/last-words.ts';
import { Asks } from './asks.ts';
import { ConversationError, stopWords, wordsOfError } from './errors.ts';
import type { HostEntry } from './host-log.ts';
import { actionOf, describeCall, detailOf, object, objects, text } from './tool-calls.ts';
import { Updates } from './updates.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a run wants of the agent at the other end. */
export interface ConversationPlan {
  readonly cwd: string;
  readonly prompt: string;
  /** What continues the work where `session` cannot be loaded. */
  readonly session: string | null;
  readonly mode: string | null;
  readonly model: string | null;
  readonly effort: string | null;
  readonly authMethod: string | null;
  readonly askTimeoutMs: number;
  readonly decide: (action: WantedAction) => Decision;
}

/** `initialize` and `session/new` take this long at most. */
const startMs = 60_000;
/** An agent that was asked to stop its turn has this long. */
const cancelMs = 10_000;

/** One session with an agent: the prompt, what it asks, what is said to it meanwhile, and how it ends. Everything is logged first. */
export class Conversation {
  readonly asks: Asks;
  readonly #plan: ConversationPlan;
  readonly #log: (entry: HostEntry) => void;
  readonly #updates: Updates;
  readonly #queue: { readonly text: string }[] = [];
  readonly #peer: ReturnType<ReturnType<typeof client>['connect']>;
  #session: string | null = null;
  /** What comes while a session is loaded has been said before. */
  #replaying = false;
  #turn: 'none' | 'open' | 'cancelling' = 'none';
  #closed = false;
  readonly #onHang: () => void;
  #wasInterrupted = false;
  /** A message that should not wait came before the turn had begun. */
  #cutsShort = false;

  /** @param onHang the agent does not stop its turn though it was asked to */
  constructor(stream: Stream, plan: ConversationPlan, log: (entry: HostEntry) => void, onHang: () => void) {
    this.#plan = plan;
    this.#log = log;
    this.#onHang = onHang;
    this.#updates = new Updates(log, plan.cwd);
    this.asks = new Asks(log, plan.askTimeoutMs);
    // Parameters are taken as they come: the library would leave out fields that it does not know, of which some programs need several.
    const asTheyCome = (params: unknown): Fields => object(params) ?? {};
    this.#peer = client({ name: 'cm-tui' })
      .onNotification(methods.client.session.update, asTheyCome, ({ params }) => this.#updated(params))
      .onRequest(methods.client.session.requestPermission, asTheyCome, ({ params }) => this.#permission(params))
      .connect(stream);
  }

  /** Works until the turn is over and no message waits. Throws a `ConversationError` where that fails. */
  async run(): Promise<{ readonly ok: boolean; readonly message: string }> {
    const capabilities = await this.#initialize();
    await this.#openSession(capabilities);
    await this.#configure();
    let ended = await this.#prompt(this.#plan.prompt);
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift())
      ended = await this.#prompt(next.text);
    this.#closed = true;
    return ended;
  }

  /** A message for the agent: when its turn is over, or at once. */
  say(words: string, now: boolean): void {
    if (this.#closed || this.#session === null)
      throw new CmError('The agent is not listening any more, or not yet. Send the message once it has ended.');
    this.#log({ type: 'message', text: words, now });
    this.#queue.push({ text: words });
    if (now && this.#turn === 'open') this.#cancel();
    else if (now && this.#turn === 'none') this.#cutsShort = true;
  }

  interrupt(): void {
    if (this.#turn !== 'open')
      throw new CmError('The agent is not at work just now, so there is nothing to interrupt.');
    this.#wasInterrupted = true;
    this.#log({ type: 'interrupted' });
    this.#cancel();
  }

  async #initialize(): Promise<Fields> {
    const answer = object(
      await this.#request(
        methods.agent.initialize,
        {
          protocolVersion: PROTOCOL_VERSION,
          clientInfo: { name: 'cm-tui', version: process.env.CM_TUI_VERSION ?? 'development' },
          clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
        },
        startMs,
      ),
    );
    if (answer?.protocolVersion !== PROTOCOL_VERSION)
      throw new ConversationError(
        `speaks version ${String(answer?.protocolVersion)} of the protocol, not ${PROTOCOL_VERSION}`,
      );
    const info = object(answer.agentInfo);
    this.#updates.calls.titleIsCommand = /gemini/i.test(`${text(info?.name)} ${text(info?.title)}`);
    this.#log({
      type: 'agent',
      name: text(info?.title) ?? text(info?.name) ?? 'agent',
      version: text(info?.version),
      mode: this.#plan.mode,
    });
    return object(answer.agentCapabilities) ?? {};
  }

  #modes: { readonly ids: readonly string[]; readonly options: readonly Fields[] } = { ids: [], options: [] };

  async #openSession(capabilities: Fields): Promise<void> {
    const { session, cwd } = this.#plan;
    if (session !== null && (await this.#reopen(session, capabilities))) return;
    if (session !== null)
      this.#log({ type: 'session-lost', words: 'the agent no longer knows the session; it begins again' });
    const answer = object(await this.#newSession(cwd));
    const id = text(answer?.sessionId);
    if (id === null) throw new ConversationError('answered session/new without a session');
    this.#opened(id, answer);
  }

  async #newSession(cwd: string): Promise<unknown> {
    const params = { cwd, mcpServers: [] };
    try {
      return await this.#request(methods.agent.session.new, params, startMs);
    } catch (error) {
      const { authMethod } = this.#plan;
      if (!(error instanceof RequestError) || error.code !== -32000) throw error;
      if (authMethod === null) throw new ConversationError(`not logged in: ${wordsOfError(error)}`);
      await this.#request(methods.agent.authenticate, { methodId: authMethod }, startMs);
      return this.#request(methods.agent.session.new, params, startMs);
    }
  }

  /** True if the session continues. `load` tells its past once more, before its answer. */
  async #reopen(session: string, capabilities: Fields): Promise<boolean> {
    const params = { sessionId: session, cwd: this.#plan.cwd, mcpServers: [] };
    const canResume = object(object(capabilities.sessionCapabilities)?.resume) !== null;
    if (!canResume && capabilities.loadSession !== true) return false;
    for (let tries = 0; tries < 2; tries++) {
      this.#replaying = true;
      try {
        const method = canResume ? methods.agent.session.resume : methods.agent.session.load;
        this.#opened(session, object(await this.#request(method, params, startMs)));
        return true;
      } catch (error) {
        if (error instanceof ConversationError) throw error;
        this.#log({ type: 'note', text: `the session cannot be continued: ${wordsOfError(error)}` });
      } finally {
        this.#replaying = false;
      }
    }
    return false;
  }

  #opened(id: string, answer: Fields | null): void {
    this.#session = id;
    this.#log({ type: 'session', id });
    this.#modes = {
      ids: objects(object(answer?.modes)?.availableModes).flatMap(mode => text(mode.id) ?? []),
      options: objects(answer?.configOptions),
    };
  }

  /** The mode is set each time: what programs do without it differs, and some forget it with the session. */
  async #configure(): Promise<void> {
    const { mode, model, effort } = this.#plan;
    if (mode !== null) await this.#setMode(mode);
    for (const [category, value] of [
      ['model', model],
      ['thought_level', effort],
    ] as const) {
      if (value === null) continue;
      const option = this.#modes.options.find(one => one.category === category);
      if (option === undefined)
        throw new ConversationError(`has no option for ${category}: remove it from its settings`);
      await this.#setOption(option, value);
    }
  }

  async #setMode(mode: string): Promise<void> {
    const option = this.#modes.options.find(one => one.category === 'mode');
    if (this.#modes.ids.includes(mode) || option === undefined) {
      await this.#request(methods.agent.session.setMode, { sessionId: this.#session, modeId: mode }, startMs);
    } else await this.#setOption(option, mode);
  }

  async #setOption(option: Fields, value: string): Promise<void> {
    const params = { sessionId: this.#session, configId: option.id, value };
    await this.#request(methods.agent.session.setConfigOption, params, startMs);
  }

  async #prompt(words: string): Promise<{ readonly ok: boolean; readonly message: string }> {
    this.#updates.beginTurn();
    this.#turn = 'open';
    this.#wasInterrupted = false;
    const params = { sessionId: this.#session, prompt: [{ type: 'text', text: words }] };
    let answer: Fields | null;
    try {
      const asked = this.#request(methods.agent.session.prompt, params, null);
      if (this.#cutsShort) this.#cancel();
      this.#cutsShort = false;
      answer = object(await asked);
    } finally {
      this.#turn = 'none';
      this.#updates.flush();
      this.asks.cancelAll();
    }
    this.#tellUsage(answer ?? {});
    const said = this.#updates.lastText.trim();
    const stop = text(answer?.stopReason) ?? 'unknown';
    if (stop === 'end_turn') return { ok: true, message: said === '' ? noWords : said };
    if (stop === 'cancelled' && this.#queue.length > 0) return { ok: true, message: noWords };
    if (stop === 'cancelled')
      return { ok: false, message: this.#wasInterrupted ? 'interrupted by the user' : 'the agent cancelled its turn' };
    return {
      ok: false,
      message: `${stopWords[stop] ?? `the turn ended with ${stop}`}${said === '' ? '' : `: ${said}`}`,
    };
  }

  #tellUsage(answer: Fields): void {
    const usage = object(answer.usage) ?? object(object(object(answer._meta)?.quota)?.token_count);
    if (usage === null) return;
    const number = (...names: readonly string[]) => {
      const found = names.map(name => usage[name]).find(value => typeof value === 'number');
      return typeof found === 'number' ? found : null;
    };
    const inputTokens = number('inputTokens', 'input_tokens');
    const outputTokens = number('outputTokens', 'output_tokens');
    if (inputTokens !== null || outputTokens !== null)
      this.#log({ type: 'usage', inputTokens, outputTokens, costUsd: null });
  }

  #updated(params: Fields): void {
    const update = object(params.update);
    if (this.#replaying || update === null || (this.#session !== null && params.sessionId !== this.#session)) return;
    this.#updates.hear(update);
  }

  async #permission(params: Fields): Promise<unknown> {
    const cancelled = { outcome: { outcome: 'cancelled' } };
    if (this.#replaying || this.#turn === 'none') return cancelled;
    this.#updates.flush();
    const call = this.#updates.calls.put(object(params.toolCall) ?? {});
    const words = describeCall(call, this.#plan.cwd);
    const decision = this.#plan.decide(actionOf(call));
    let allow: boolean | null = decision === 'allow';
    if (decision === 'deny') this.#log({ type: 'refused', words });
    if (decision === 'ask')
      allow = this.#turn === 'open' ? await this.asks.ask(words, detailOf(call), actionOf(call).command) : null;
    // Only what holds once: a lasting permission would outlive the question, and change what is asked next.
    const wanted = allow === true ? 'allow_once' : 'reject_once';
    const option = objects(params.options).find(one => one.kind === wanted);
    if (allow === null || text(option?.optionId) === null) return cancelled;
    return { outcome: { outcome: 'selected', optionId: option?.optionId } };
  }

  #cancel(): void {
    this.#turn = 'cancelling';
    void this.#peer.agent
      .notify(methods.agent.session.cancel, { sessionId: this.#session ?? '' })
      .catch(() => undefined);
    this.asks.cancelAll();
    setTimeout(() => {
      if (this.#turn === 'cancelling') this.#onHang();
    }, cancelMs).unref();
  }

  async #request(method: string, params: unknown, limitMs: number | null): Promise<unknown> {
    const asked = this.#peer.agent.request<unknown>(method, params);
    if (limitMs === null) return asked;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new ConversationError(`did not answer ${method} within ${limitMs / 1000} seconds`);
      timer = setTimeout(() => reject(error), limitMs);
    });
    return Promise.race([asked, late]).finally(() => clearTimeout(timer));
  }
}
