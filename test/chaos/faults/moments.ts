/**
 * Faults that hit a leader in the middle of something: its proxy sees the command that renews or publishes, the source
 * sees the call. What is done is done before the command is passed on, or the call answered.
 */
import { createHash } from 'node:crypto';
import { loadScript, type ScriptName } from '../../../src/redis/scripts.ts';
import type { Picker } from '../../../src/testing/random.ts';
import type { LetGo, Link } from '../../harness/open-tcp-proxy.ts';
import { timeLimit, untilEntry } from '../entries.ts';
import type { Slot } from '../fleet.ts';
import { between, type Fault, type Heal, type World } from './fault.ts';

export const moments = ['renewing', 'fetching', 'publishing'] as const;
export type Moment = (typeof moments)[number];

const momentLimitMs = 8_000;
/** A call is held back for a moment, so that it is certainly not answered when its caller is hit. */
const answerMs = 50;

/** No link where the source sees it. */
type Hit = (slot: Slot, link: Link | undefined) => void;

/** Acts at the moment; resolves to the slot, or to nothing when the moment didn't come in time. */
function at(moment: Moment, world: World, hit: Hit): Promise<Slot | undefined> {
  return new Promise((resolve, reject) => {
    const endings: (() => void)[] = [];
    const end = (slot: Slot | undefined) => {
      for (const ending of endings) ending();
      resolve(slot);
    };
    const timer = setTimeout(() => end(undefined), momentLimitMs);
    endings.push(() => clearTimeout(timer));
    const abort = () => {
      for (const ending of endings) ending();
      reject(world.signal.reason);
    };
    world.signal.addEventListener('abort', abort, { once: true });
    endings.push(() => world.signal.removeEventListener('abort', abort));
    const act = (slot: Slot | undefined, link?: Link) => {
      if (slot?.state !== 'awake') return;
      hit(slot, link);
      end(slot);
    };
    endings.push(moment === 'fetching' ? watchCalls(world, act) : watchScript(moment, world, act));
  });
}

type Act = (slot: Slot | undefined, link?: Link) => void;

function watchCalls({ source, fleet }: World, act: Act): () => void {
  const look = ({ podId }: { podId: string }) => act(fleet.slots.find(({ pod }) => pod.podId === podId));
  source.takeMs(answerMs);
  source.events.on('call', look);
  return () => {
    source.takeMs(0);
    source.events.off('call', look);
  };
}

function watchScript(moment: 'renewing' | 'publishing', { fleet }: World, act: Act): () => void {
  const texts = textsOf(moment === 'renewing' ? 'renew' : 'publish');
  const unwatch = fleet.slots.map((slot) => slot.proxy.when(texts, (link) => act(slot, link)));
  return () => {
    for (const end of unwatch) end();
  };
}

/** A script travels whole the first time, and by its hash from then on. */
function textsOf(script: ScriptName): string[] {
  const text = loadScript(script);
  const sentence = text.split('\n')[1] ?? '';
  return [createHash('sha1').update(text).digest('hex'), sentence];
}

type Act3 = Readonly<{
  verb: string;
  lastsMs: Fault['lastsMs'];
  hit: (world: World, picker: Picker) => Hit;
  heal: (world: World, slot: Slot) => Heal;
}>;

const acts: readonly Act3[] = [
  {
    verb: 'SIGKILL',
    lastsMs: between(0, 4_000),
    hit: ({ fleet }, picker) => {
      // Redis gets what was sent, or it doesn't: either way nobody hears the answer.
      const isLost = picker.chance(0.5);
      return (slot, link) => {
        void fleet.kill(slot);
        if (isLost) link?.cut();
      };
    },
    heal:
      ({ fleet }, slot) =>
      () =>
        fleet.start(slot),
  },
  {
    verb: 'connection cut',
    lastsMs: between(100, 3_000),
    hit: (_world, picker) => {
      const isLost = picker.chance(0.5);
      return ({ proxy }, link) => {
        // Lost: it never gets to Redis. Else Redis does it, and its answer is swallowed.
        if (isLost && link) link.cut();
        else proxy.silence('toClient');
      };
    },
    heal:
      (_world, { proxy }) =>
      () =>
        proxy.heal(),
  },
  {
    verb: 'SIGSTOP',
    lastsMs: ({ timing }) => [timing.leaseTtlMs + 200, timing.leaseTtlMs + 2_500],
    hit:
      ({ fleet }) =>
      (slot) =>
        fleet.pause(slot),
    heal:
      ({ fleet }, slot) =>
      () =>
        fleet.resume(slot),
  },
];

/** What only the fence can stop: the publication of a dead leader arrives when the next one has just begun. */
const latePublication: Fault = {
  kind: 'SIGKILL, and what it was publishing arrives under the next leader',
  resource: 'pods',
  lastsMs: between(0, 1_000),
  inject: async (world) => {
    const { fleet, journal, signal, settings } = world;
    let release: LetGo | undefined;
    const slot = await at('publishing', world, (victim, link) => {
      release = link?.holdBack();
      void fleet.kill(victim);
    });
    if (!slot) return undefined;
    // Its connection stands, so the lock has to expire.
    const limit = AbortSignal.any([timeLimit(settings.timing.leaseTtlMs + momentLimitMs), signal]);
    await untilEntry(journal, limit, (entry) => entry?.type === 'lease.granted');
    await release?.();
    signal.throwIfAborted();
    return () => fleet.start(slot);
  },
};

const hits: readonly Fault[] = acts.flatMap(({ verb, lastsMs, hit, heal }) =>
  moments.map(
    (moment): Fault => ({
      kind: `${verb} while ${moment}`,
      resource: 'pods',
      lastsMs,
      inject: async (world, picker) => {
        const slot = await at(moment, world, hit(world, picker));
        return slot && heal(world, slot);
      },
    }),
  ),
);

export const momentFaults: readonly Fault[] = [...hits, latePublication];
