export interface EngineFacts {
  /** `Redis 7.0.15`. */
  readonly version: string;
  /** One sentence each, with the fix. */
  readonly warnings: readonly string[];
}

/** Keys of the engine begin with it. */
export const prefix = 'cm';

/** How to connect. `answerMs`, `idleMs`: limits for a connection to come about, and to say nothing. */
export function redisOptions(url: string, answerMs: number, idleMs: number) {
  const { hostname, port, username, password, pathname, protocol } = new URL(url);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 6379 : Number(port),
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    db: Number(pathname.slice(1) || 0),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
    connectTimeout: answerMs,
    socketTimeout: idleMs,
    retryStrategy: (times: number) => Math.min(times * 200, 2000),
  };
}

/** What its own words say of it. */
export function redisFacts(info: string): EngineFacts {
  const read = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
  const isValkey = read('server_name') === 'valkey';
  const version = isValkey ? `Valkey ${read('valkey_version')}` : `Redis ${read('redis_version')}`;
  const [major = 0, minor = 0] = read('redis_version').split('.').map(Number);
  return {
    version,
    warnings: [
      ...(major < 6 || (major === 6 && minor < 2) ? [`${version} is too old. Use Redis 6.2 or newer, or Valkey.`] : []),
      ...(read('maxmemory_policy') === 'noeviction'
        ? []
        : ['It drops what it was given when its memory is full. Set maxmemory-policy to noeviction.']),
      ...(read('aof_enabled') === '1'
        ? []
        : ['It writes no log, so a restart loses what it carries, which is then said again. Set appendonly to yes.']),
    ],
  };
}
