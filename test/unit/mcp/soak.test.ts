import { describe, expect, it } from 'vitest';
import { soak } from '../../bench/soak/soak.js';

describe('many servers of which one after the other is killed', () => {
  it('lose and double no call, and leave nothing behind', async () => {
    const result = await soak({ servers: 5, calls: 4_000, killEvery: 150, inFlight: 4 });
    expect(result).toMatchObject({ wrong: [], lost: 0, doubled: 0, processesLeft: 0, handlesLeft: 0, listenersLeft: 0 });
    expect(result.answered + result.notSent + result.unknown).toBe(4_000);
    expect(result.answered).toBeGreaterThan(2_000);
  }, 120_000);
});
