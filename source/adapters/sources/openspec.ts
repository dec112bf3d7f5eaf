import { numberedFormat } from './reading/numbered.ts';

/** OpenSpec (`openspec/changes/<change>/tasks.md`): `## 1. Implementation` with `- [ ] 1.1 Words`; a change is a group. */
export const openspec = numberedFormat({
  type: 'openspec',
  looksLike: (text, path) =>
    /(?:^|\/)openspec\//.test(path) || (/^## \d+\. /m.test(text) && /^- \[.\] \d+\.\d+ /m.test(text)),
  notes: () => [],
  beside: 'The proposal and the specification are beside it, in',
});
