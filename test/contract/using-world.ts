/** Opens a world for each test and closes it after. */
import { afterEach, beforeEach } from 'vitest';
import type { OpenWorld, World } from './world.ts';

export function usingWorld(openWorld: OpenWorld, receive: (world: World) => void): void {
  let world: World | undefined;
  beforeEach(async () => {
    world = await openWorld();
    receive(world);
  });
  afterEach(async () => {
    await world?.close();
    world = undefined;
  });
}
