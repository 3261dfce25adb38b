/**
 * Brings to the sync machine the announcements about revisions, and those that show that Redis has forgotten calls.
 *
 * A payload that came with its announcement is verified and served at once; the machine hears of it a moment later, so
 * that no reader waits for bookkeeping, be it that of another pod in the same process. All else, what failed here as
 * well, goes the machine's way in the next turn of the event loop.
 * Guarantee: the machine hears everything in the order in which it was announced.
 */
import { fromCallback } from 'xstate';
import type { SyncEvent } from '../../machines/index.ts';
import type { Message } from '../ports.ts';
import type { PodParts } from './parts.ts';
import { serveStaged } from './verify-staged.ts';

/** By then the other pods of the process serve the publication too. Nothing waits for the news of what is served. */
const readersFirstMs = 20;

export const announcements = (parts: PodParts) =>
  fromCallback<SyncEvent, undefined>(({ sendBack }) => {
    const { clock, datasets, feed, memory } = parts;
    let unheard: SyncEvent[] = [];
    let turn: unknown;
    let isUrgent = false;
    const tellAll = () => {
      const events = unheard;
      unheard = [];
      isUrgent = false;
      for (const event of events) sendBack(event);
    };
    const tell = (event: SyncEvent) => {
      const mayWait = event.type === 'announcement.verified';
      if (unheard.push(event) > 1 && (mayWait || isUrgent)) return;
      isUrgent = !mayWait;
      clock.clearTimeout(turn);
      turn = clock.setTimeout(tellAll, mayWait ? readersFirstMs : 0);
    };
    const pass = ({ announcement, payload }: Message) => {
      if (announcement.kind === 'published' && datasets.has(announcement.dataset)) {
        const { dataset, record } = announcement;
        const isStaged = payload !== undefined;
        if (isStaged && serveStaged(parts, dataset, record)) tell({ type: 'announcement.verified', dataset, record });
        else tell({ type: 'announcement.published', dataset, record, isStaged });
      } else if (announcement.kind === 'suspected') {
        tell({ type: 'announcement.suspected', dataset: announcement.dataset });
      } else if (announcement.kind === 'claimed') {
        // A pod of an older version doesn't tell its window: of that, nothing can be missing.
        const { dataset, agesMs, perMs = 0 } = announcement;
        const isNews = datasets.has(dataset) && memory.calls.hasMoreThan(agesMs, dataset, perMs);
        if (isNews) tell({ type: 'calls.forgotten' });
      }
    };
    feed.on('message', pass);
    return () => {
      feed.off('message', pass);
      clock.clearTimeout(turn);
    };
  });
