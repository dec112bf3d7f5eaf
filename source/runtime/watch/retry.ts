/** Git may have been killed or have run out of something for a moment. */
const tries = 3;

/** Does a job that only reads again where it throws; the last error counts. */
export async function retry<T>(job: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await job();
    } catch (error) {
      if (tried >= tries) throw error;
    }
  }
}
