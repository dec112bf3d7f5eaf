/** A map of at most `limit` entries: what came in first goes out first. For answers that are expensive to ask for and never change. */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  constructor(private readonly limit: number) {
    super();
  }

  override set(key: Key, value: Value): this {
    super.set(key, value);
    const eldest = this.keys().next();
    if (this.size > this.limit && eldest.done !== true) this.delete(eldest.value);
    return this;
  }
}
