import { describe, expect, test } from 'vitest';
import {
  fillTemplate,
  landingWayOf,
  readLandingWay,
  styleOfCandidate,
  styleOfWay,
} from '../../../source/domain/queue/landing-style.ts';
import { parseRoadmap } from '../../../source/domain/roadmap/parse.ts';

describe('the way in which an item lands', () => {
  test.each([
    [{ landing: 'merge', squash: false }, undefined, 'merge'],
    [{ landing: 'merge', squash: true }, undefined, 'squash'],
    [{ landing: 'rebase', squash: true }, undefined, 'rebase'],
    [{ landing: 'pr', squash: false }, {}, 'pr'],
    [{ landing: 'pr', squash: true }, { landing: 'ff' }, 'ff'],
  ] as const)('%j, item %j: %s', (settings, item, way) => {
    expect(landingWayOf(settings, item)).toBe(way);
  });

  test('a pull request is tried as a merge', () => {
    expect([styleOfWay('pr'), styleOfWay('ff')]).toEqual(['merge', 'ff']);
  });

  test('older journals tell of a squash alone', () => {
    expect([{}, { squash: true }, { style: 'rebase' }].map(one => styleOfCandidate(one as object))).toEqual([
      'merge',
      'squash',
      'rebase',
    ]);
  });

  test.each([
    ['Squash', 'squash'],
    ['**rebase** please', 'rebase'],
    ['fast-forward', 'ff'],
    ['`pr`', 'pr'],
    ['next week', undefined],
    ['', undefined],
  ])('**Landing**: %s', (text, way) => {
    expect(readLandingWay(text)).toBe(way);
  });

  test('is read from the ROADMAP, and what it cannot be is named', () => {
    const text = '### US-001: A\n**Landing**: squash\n\n### US-002: B\n**Landing**: sqash\n\n### US-003: C\n';
    const { items, problems } = parseRoadmap(text, { path: null });
    expect(items.map(({ landing }) => landing)).toEqual(['squash', undefined, undefined]);
    expect(problems.filter(({ code }) => code === 'landing')).toEqual([
      {
        line: 5,
        code: 'landing',
        message: 'US-002: "sqash" is not a way to land. Write merge, squash, rebase, ff, pr.',
      },
    ]);
  });
});

describe('the branch that an item lands on', () => {
  test('is read from the ROADMAP; a goal or a date is none, and what is quoted but cannot be a branch is named', () => {
    const lines = ['`release/2.0`', 'hotfix', 'refs/heads/main', 'end of March', '90 % coverage', '`a b`'];
    const text = lines.map((line, at) => `### US-00${at + 1}: A\n**Target**: ${line}\n`).join('\n');
    const { items, problems } = parseRoadmap(text, { path: null });
    expect(items.map(({ target }) => target)).toEqual([
      'release/2.0',
      'hotfix',
      'main',
      undefined,
      undefined,
      undefined,
    ]);
    expect(problems.filter(({ code }) => code === 'target')).toEqual([
      { line: 17, code: 'target', message: 'US-006: "a b" is not a branch name. Write one, or remove the line.' },
    ]);
  });
});

test('a template takes the values as they are, and none of them is a template', () => {
  const values = { key: 'US-1', title: 'Show {branch}', summary: '', branch: 'roadmap-001' };
  expect(fillTemplate('{key}: {title} ({branch}) {summary}{other}', values)).toBe(
    'US-1: Show {branch} (roadmap-001) {other}',
  );
});
