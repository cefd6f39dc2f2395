import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoModel, makeDemo, repository } from '../../scripts/host/demo.mjs';
import { Scene } from '../../scripts/host/scene.mjs';
import { openWorkbench } from '../../scripts/host/session.mjs';
import type { Workbench } from '../../scripts/host/workbench.mjs';

const undocumented = {
  'src/calendar.ts': ['addDays', 'isWeekend', 'startOfWeek'],
  'src/duration.ts': ['formatDuration', 'roundDuration'],
  'src/money.ts': ['convertAmount', 'formatAmount'],
  'src/report/lines.ts': ['sortLines'],
};
const functions = Object.values(undocumented).flat();

describe('the scene, with two MCP servers', () => {
  const demo = makeDemo();
  let workbench: Workbench;
  let scene: Scene;
  const before = demo.git('rev-parse', 'HEAD').trim();

  beforeAll(async () => {
    workbench = await openWorkbench({ folder: demo.folder, extensions: [repository, demoModel] });
    scene = new Scene({ workbench, demo, picture: async (name: string) => void (await workbench.screenshot(path.join(repository, 'artifacts', `e2e-${name}.png`))) });
  });
  afterAll(async () => workbench?.close());

  it('starts no server of the workspace before somebody has seen what it is', async () => {
    await scene.say();
    const listed = await scene.approveServers();
    expect(listed.join('\n')).toMatch(/filesystem[^]*memory/);
    expect(listed.join('\n')).toContain('server-memory');
  });

  it('shows what the script may reach before it starts', async () => {
    const text = await scene.allowStart();
    expect(text).toContain('memory.create_entities');
  });

  it('asks for the write to the memory server, with its arguments, and changes nothing until then', async () => {
    const { text } = await scene.question(/^\s*Allow\s.*create_entities/s);
    expect(text).toContain('Documentation of src');
    expect(existsSync(demo.memoryFile)).toBe(false);
    expect(demo.git('status', '--porcelain')).toBe('');
    await scene.allowCall('create_entities');
  });

  it('stages the edits and the commit, and touches neither files nor repository', async () => {
    const text = await scene.staged();
    for (const file of Object.keys(undocumented)) expect(text).toContain(file);
    expect(text).toContain(`Document ${functions.length} exported functions`);
    // The note in the memory server is no part of what waits, and who decides is told so.
    expect(text).toMatch(/Already done, and not taken back by Discard or Undo:\s*memory\.create_entities/);
    expect(demo.git('status', '--porcelain')).toBe('');
    expect(demo.git('rev-parse', 'HEAD').trim()).toBe(before);
  });

  it('shows all of it as one diff in the editor', async () => {
    const files = await scene.review();
    expect(files.sort()).toEqual(Object.keys(undocumented).map((file) => path.basename(file)).sort());
  });

  it('applies exactly those changes as one commit', async () => {
    await scene.apply();
    expect(demo.git('log', '--format=%s').trim().split('\n')).toEqual([`Document ${functions.length} exported functions`, 'Begin']);
    expect(demo.git('rev-parse', 'HEAD~1').trim()).toBe(before);
    expect(demo.git('diff', '--name-only', 'HEAD~1', 'HEAD').trim().split('\n').sort()).toEqual(Object.keys(undocumented).sort());
    const diff = demo.git('diff', '--unified=0', 'HEAD~1', 'HEAD').split('\n').filter((line) => /^[+-](?![+-]{2})/.test(line));
    expect(diff).toHaveLength(functions.length);
    expect(diff.every((line) => /^\+\/\*\* .+\. \*\/$/.test(line))).toBe(true);
    expect(demo.git('status', '--porcelain')).toBe('');
  });

  it('leaves the note in the memory server’s file', () => {
    const lines = readFileSync(demo.memoryFile, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(1);
    const entity = JSON.parse(lines[0] ?? '') as { observations: string[] };
    expect(entity.observations).toEqual(Object.entries(undocumented).map(([file, names]) => `${file}: documented ${names.join(', ')}`));
  });

  it('tells the result in chat, with the commit', async () => {
    const transcript = await scene.answered(new RegExp(demo.git('rev-parse', '--short=8', 'HEAD').trim()));
    expect(transcript).toContain('8 exported functions have a doc comment');
    for (const file of Object.keys(undocumented)) expect(transcript).toContain(path.basename(file));
  });
});
