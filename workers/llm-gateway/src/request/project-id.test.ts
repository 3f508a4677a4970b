import { expect, test } from 'vitest';
import { projectIdOf } from './project-id.ts';

test.each([
  ['https://github.com/Kilo-Org/handbook.git', 'handbook'],
  ['https://github.com/Kilo-Org/handbook', 'handbook'],
  ['https://github.com/Kilo-Org/handbook.GIT', 'handbook'],
  ['http://gitlab.example.com/group/sub/project.git', 'project'],
  ['git@github.com:Kilo-Org/handbook.git', 'handbook'],
  ['git@github.com:22/user/repo.git', 'repo'],
  ['https://example.com/path', 'path'],
  ['https://github.com/user/my.repo.name.git', 'my.repo.name'],
  ['https://github.com/user/my.git.repo', 'my.git.repo'],
  ['https://github.com/org/repo/', ''],
  ['https://github.com/org/repo ', 'https://github.com/org/repo '],
  ['https://github.com/org/repo?ref=main', 'https://github.com/org/repo?ref=main'],
  ['https://github.com/org/repo#readme', 'https://github.com/org/repo#readme'],
  ['my-project', 'my-project'],
  ['   ', '   '],
  ['project\nname', 'project\nname'],
  ['https://user:tok@github.com/org/repo.git', 'repo'],
  ['a'.repeat(300), 'a'.repeat(256)],
  ['', null],
  [null, null],
])('%j is the project %j', (header, expected) => {
  expect(projectIdOf(header)).toBe(expected);
});

test('a password in a URL that is not recognised is not stored', () => {
  expect(projectIdOf('ssh://user:secret@github.com/org/repo.git')).toBe(
    'ssh://github.com/org/repo.git',
  );
  expect(projectIdOf('https://user:secret@github.com/org/repo?x')).not.toContain('secret');
});
