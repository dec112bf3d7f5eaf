import { useStdin } from 'ink';
import { useEffect, useEffectEvent, useRef } from 'react';
import type { KeyPress } from './keys.ts';
import { isProtocolReply, type KeyboardProtocol, parseKitty } from './kitty.ts';

interface RawKeys {
  on(event: 'input', listener: (sequence: string) => void): unknown;
  removeListener(event: 'input', listener: (sequence: string) => void): unknown;
}

/**
 * Keys of the kitty keyboard protocol. Ink reads only some of them and drops the rest (other layouts, the keypad), so they are read from the
 * sequences that Ink passes to its own hooks. Returns whether the sequence that Ink's hook gets now was one of these; to be called before
 * `useInput`, which listens in the same order.
 */
export function useProtocolKeys(keyboard: KeyboardProtocol, press: (keys: readonly KeyPress[]) => void): () => boolean {
  // Not part of Ink's public types, but of what its hook returns; the version is pinned, and a test presses such keys.
  const { internal_eventEmitter: raw } = useStdin() as { readonly internal_eventEmitter?: RawKeys };
  const handled = useRef(false);
  const take = useEffectEvent((sequence: string) => {
    handled.current = true;
    if (isProtocolReply(sequence)) return keyboard.answered();
    const keys = parseKitty(sequence);
    if (keys === null) handled.current = false;
    else press(keys);
  });
  useEffect(() => {
    raw?.on('input', take);
    return () => {
      raw?.removeListener('input', take);
    };
  }, [raw]);
  return () => handled.current;
}
