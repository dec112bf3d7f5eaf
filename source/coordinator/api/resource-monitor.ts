import type { ResourceStatus } from '../../domain/capacity.ts';

/** Answer to "may another instance start as far as the machine is concerned?". */
export interface ResourceAnswer {
  readonly available: boolean;
  /** One short sentence: what the capacity is, and why. */
  readonly reason: string;
}

/** The original's name for what the coordinator knows of the machine: a thin face over the state, which does the reading itself. */
export class ResourceMonitor {
  readonly #status: () => ResourceStatus;
  readonly #running: () => number;

  /** @param running how many instances are alive */
  constructor(status: () => ResourceStatus, running: () => number) {
    this.#status = status;
    this.#running = running;
  }

  /** True while fewer runs than the capacity are running; an unknown capacity allows one. */
  checkResourcesAvailable(): ResourceAnswer {
    const { capacity, explanation } = this.#status();
    const running = this.#running();
    const reason = `${running} of ${capacity} running (${explanation})`;
    return { available: running < capacity, reason };
  }

  /** The last readings, smoothed values and capacity. */
  getResourceStatus(): ResourceStatus {
    return this.#status();
  }
}
