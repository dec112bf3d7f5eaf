import { expect } from 'vitest';

const tag = /<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g;

/** Fails where a document has mark-up that is not balanced, a bare `<` or `&`, or a character that XML does not allow. */
export function expectWellFormed(document: string): void {
  const open: string[] = [];
  let elements = 0;
  for (const [, closing, name = '', , alone] of document.matchAll(tag)) {
    if (closing === '/') expect(open.pop()).toBe(name);
    else {
      elements += 1;
      if (alone !== '/') open.push(name);
    }
  }
  expect(open).toEqual([]);
  expect(elements).toBeGreaterThan(0);
  const text = document.replaceAll(tag, '');
  expect(text).not.toContain('<');
  expect(document).not.toMatch(/&(?!(?:amp|lt|gt|quot|apos|#\d+);)/);
  expect(document).not.toMatch(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
}
