import { type FSWatcher, watch } from 'node:fs';

const settleMs = 80;
/** Watching takes a place in the kernel for each folder; what is beyond is noticed by looking now and then. */
const mostFolders = 200;

/** Watches folders, as many as there are at the moment, and calls back once for what happens together. */
export class FolderWatch {
  readonly #watchers = new Map<string, FSWatcher>();
  #onChange: (() => void) | null = null;
  #pending: NodeJS.Timeout | null = null;

  /** Returns the stop function. */
  start(onChange: () => void): () => void {
    this.#onChange = onChange;
    return () => {
      this.#onChange = null;
      if (this.#pending !== null) clearTimeout(this.#pending);
      for (const watcher of this.#watchers.values()) watcher.close();
      this.#watchers.clear();
    };
  }

  /** The folders to watch from now on; those that do not exist are tried again at the next call. */
  set(folders: readonly string[]): void {
    if (this.#onChange === null) return;
    const wanted = new Set(folders.slice(0, mostFolders));
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of wanted) if (!this.#watchers.has(folder)) this.#add(folder);
  }

  #add(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#soon());
      // A folder that disappears ends the watching of it.
      watcher.on('error', () => this.#drop(folder));
      this.#watchers.set(folder, watcher);
    } catch {
      // It does not exist, or nothing more can be watched: looking now and then remains.
    }
  }

  #drop(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
    this.#soon();
  }

  #soon(): void {
    this.#pending ??= setTimeout(() => {
      this.#pending = null;
      this.#onChange?.();
    }, settleMs).unref();
  }
}
