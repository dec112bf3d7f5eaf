import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { CmError } from '../../domain/errors.ts';
import { readRegularText, writeFresh } from '../regular-file.ts';

/** An Ed25519 key of this machine. `publicKey`: raw, as base64url. */
export interface Signer {
  readonly publicKey: string;
  seal(body: unknown): Sealed;
}

/** Words of somebody else, and the signature over exactly these characters. */
export interface Sealed {
  readonly v: 1;
  readonly body: string;
  readonly key: string;
  readonly sig: string;
}

/** The key in this file (mode 0600), made where it is missing. */
export function loadSigner(file: string): Signer {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFresh(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    chmodSync(file, 0o600);
  }
  const text = readRegularText(file);
  if (text === null) throw new CmError(`The key ${file} cannot be read. Fix its permissions.`, 3);
  const privateKey = createPrivateKey(text);
  const publicKey = rawOf(createPublicKey(privateKey));
  return {
    publicKey,
    seal(body) {
      const words = JSON.stringify(body);
      return {
        v: 1,
        body: words,
        key: publicKey,
        sig: sign(null, Buffer.from(words), privateKey).toString('base64url'),
      };
    },
  };
}

/** What was sealed and by which key; null: it is not what that key has signed. */
export function openSealed(sealed: unknown): { readonly body: unknown; readonly key: string } | null {
  if (!isSealed(sealed)) return null;
  try {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: sealed.key };
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    if (!verify(null, Buffer.from(sealed.body), key, Buffer.from(sealed.sig, 'base64url'))) return null;
    return { body: JSON.parse(sealed.body), key: rawOf(key) };
  } catch {
    return null;
  }
}

/** Short words for a key that two people can compare. */
export function fingerprintOf(publicKey: string): string {
  const hex = createHash('sha256').update(publicKey).digest('hex').slice(0, 20);
  return (hex.match(/.{4}/g) ?? []).join('-');
}

/** Names a coordinator in the engine. */
export function coordinatorId(publicKey: string): string {
  return createHash('sha256').update(publicKey).digest('hex').slice(0, 12);
}

function rawOf(key: KeyObject): string {
  return key.export({ format: 'jwk' }).x ?? '';
}

function isSealed(value: unknown): value is Sealed {
  if (typeof value !== 'object' || value === null) return false;
  const { v, body, key, sig } = Object.fromEntries(Object.entries(value));
  return v === 1 && typeof body === 'string' && typeof key === 'string' && typeof sig === 'string' && body.length < 1e6;
}
