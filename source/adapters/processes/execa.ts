/** Loads execa when the first program is started: it takes longer to load than everything before the first frame may cost. */
export function loadExeca(): Promise<typeof import('execa')> {
  loading ??= import('execa');
  return loading;
}

let loading: Promise<typeof import('execa')> | null = null;
