/** The text of THIRD_PARTY_NOTICES, from what is bundled now. */
export function notices(): Promise<string>;
