/** Loads execa, once: it takes longer to load than everything before the first frame may cost, and what starts nothing needs none. */
export function loadExeca(): Promise<typeof import('execa')> {
  loading ??= import('execa');
  return loading;
}

let loading: Promise<typeof import('execa')> | null = null;
