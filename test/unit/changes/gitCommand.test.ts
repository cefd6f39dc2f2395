import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { Git } from '../../../src/runs/changes/gitCommand.js';

const slowDisk = () => new Promise<void>((resolve) => setTimeout(resolve, 400));

test('git that ends before its start is noted has not ended until it is', async () => {
  let noted = false;
  const result = await new Git().run(['--version'], { cwd: tmpdir(), onStart: async () => { await slowDisk(); noted = true; } });
  expect(result.code).toBe(0);
  expect(noted).toBe(true);
});

test('a start that could not be noted is a failure, also of git that ended well', async () => {
  const onStart = async () => { await slowDisk(); throw new Error('the disk is full'); };
  await expect(new Git().run(['--version'], { cwd: tmpdir(), onStart })).rejects.toThrow('the disk is full');
});
