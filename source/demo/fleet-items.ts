const more = [
  ['US-047', 'Gift cards', 'gift-cards'],
  ['US-048', 'Opening hours', 'opening-hours'],
  ['US-049', 'Returns', 'returns'],
  ['US-050', 'Allergens', 'allergens'],
  ['US-051', 'Recipes', 'recipes'],
  ['US-052', 'Suppliers', 'suppliers'],
] as const;

/** Workers of that demo. */
export const demoWorkers = 3;

/** Further items of the corner shop, for several machines: none of them waits for another. */
export const fleetItems: readonly string[] = more.map(([key]) => key);

/** Their sections, for the end of the sample ROADMAP. */
export const fleetRoadmap = more
  .map(
    ([key, title, file]) =>
      `\n---\n\n### ${key}: ${title}\n\n**Status**: 📝 Planned\n**Files**: \`src/pages/${file}.md\`\n**Estimated Effort**: 1 hour\n**Dependencies**: None\n\nA page of the shop about this.\n`,
  )
  .join('');
