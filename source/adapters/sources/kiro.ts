import { numberedFormat } from './reading/numbered.ts';

/**
 * Kiro (`.kiro/specs/<spec>/tasks.md`): `- [ ] 2. Words` with `- [ ] 2.1 Words` below and `_Requirements: 1.2_` in their lines. An asterisk
 * behind the brackets says that it may be left out.
 */
export const kiro = numberedFormat({
  type: 'kiro',
  looksLike: (text, path) => /(?:^|\/)\.kiro\//.test(path) || /^[ \t]*-? ?_Requirements: /m.test(text),
  marks: { '-': 'in-progress' },
  notes(own, box) {
    const requirements = /_Requirements:\s*([^_\n]+)_/i.exec(own)?.[1]?.trim();
    return [
      ...(requirements === undefined ? [] : [`requirements ${requirements}`]),
      ...(box.optional ? ['optional'] : []),
    ];
  },
  beside: 'The requirements and the design are beside it, in',
});
