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
  ['http://github.com/user/repo.git', 'repo'],
  ['http://github.com/user/repo', 'repo'],
  ['https://gitlab.com/user/repo.git', 'repo'],
  ['https://gitlab.com/group/subgroup/deeper/repo.git', 'repo'],
  ['https://bitbucket.org/team/repo.git', 'repo'],
  ['https://git.example.com:8443/team/repo.git', 'repo'],
  ['HTTPS://GitHub.com/User/Repo.git', 'Repo'],
  ['git@gitlab.com:group/subgroup/repo.git', 'repo'],
  ['git@bitbucket.org:team/repo', 'repo'],
  ['git@git.example.com:repo.git', 'repo'],
  ['git@github.com:user/repo.GIT', 'repo'],
  ['git@github.com:user/my.repo.git', 'my.repo'],
  ['https://github.com/facebook/react.git', 'react'],
  ['https://github.com/microsoft/vscode', 'vscode'],
  ['https://github.com/vercel/next.js.git', 'next.js'],
  ['git@github.com:company/backend-api.git', 'backend-api'],
  ['https://gitlab.example.com/team/project-x', 'project-x'],
  ['https://github.com/user/a.git', 'a'],
  ['https://github.com/user/a', 'a'],
  ['https://github.com/user/repo.git.git', 'repo.git'],
  ['https://github.com', 'https://github.com'],
  ['git@github.com:user/my repo.git', 'git@github.com:user/my repo.git'],
  ['ftp://example.com/repo.git', 'ftp://example.com/repo.git'],
  ['My Project', 'My Project'],
  ['project_with-$pecial.chars!', 'project_with-$pecial.chars!'],
  ['550e8400-e29b-41d4-a716-446655440000', '550e8400-e29b-41d4-a716-446655440000'],
  ['12345', '12345'],
  [' my-project ', ' my-project '],
  ['a'.repeat(256), 'a'.repeat(256)],
  ['a'.repeat(257), 'a'.repeat(256)],
  [`https://github.com/user/${'r'.repeat(232)}`, 'r'.repeat(232)],
  [`https://github.com/user/${'r'.repeat(300)}.git`, 'r'.repeat(232)],
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
