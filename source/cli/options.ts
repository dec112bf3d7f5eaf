/** Global options; they override environment and settings files. */
export interface GlobalOptions {
  readonly repo?: string;
  readonly target?: string;
  readonly agent?: string;
  readonly roadmap?: string;
  readonly ownership?: string;
  readonly maxParallel?: number;
}

export interface StartOptions extends GlobalOptions {
  readonly auto?: boolean;
  readonly headless?: boolean;
  readonly approve?: 'none' | 'clean';
  readonly exitWhenIdle?: boolean;
  readonly group?: string;
}
