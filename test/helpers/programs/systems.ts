import { afterAll, beforeAll, describe, vi } from 'vitest';

/** Describes the same for Linux and for what every other system has, which is tried on Linux too. Programs that are started choose alike. */
export function onBothSystems(body: (which: 'linux' | 'portable') => void): void {
  describe.each(['linux', 'portable'] as const)('with what %s has', which => {
    beforeAll(() => {
      vi.stubEnv('CM_TUI_SYSTEM', which === 'portable' ? which : undefined);
    });
    afterAll(() => {
      vi.unstubAllEnvs();
    });
    body(which);
  });
}
