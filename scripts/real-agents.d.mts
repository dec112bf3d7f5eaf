/** One real agent: how it is installed, set up and named. */
export interface RealAgent {
  readonly packages: readonly string[];
  /** Its profile; absent: the name of the case. */
  readonly agent?: string;
  /** Where it is installed; absent: the name of the case. */
  readonly folder?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Variables, by the address of the stand-in. */
  readonly env?: (url: string) => Readonly<Record<string, string>>;
  /** Files of its home, by the address of the stand-in. */
  readonly files?: (url: string) => Readonly<Record<string, string>>;
}

export const realAgents: Readonly<Record<string, RealAgent>>;
export const nodeFolder: string;
