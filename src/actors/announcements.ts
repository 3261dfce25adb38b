/** Brings the announcements about revisions to the sync machine. */
import { fromCallback } from 'xstate';
import type { SyncEvent } from '../../machines/index.ts';
import type { Message } from '../ports.ts';
import type { PodParts } from './parts.ts';

export const announcements = (parts: PodParts) =>
  fromCallback<SyncEvent, undefined>(({ sendBack }) => {
    const pass = ({ announcement, payload }: Message) => {
      if (announcement.kind === 'published' && parts.datasets.has(announcement.dataset)) {
        const { dataset, record } = announcement;
        sendBack({ type: 'announcement.published', dataset, record, isStaged: payload !== undefined });
      } else if (announcement.kind === 'suspected') {
        sendBack({ type: 'announcement.suspected', dataset: announcement.dataset });
      }
    };
    parts.feed.on('message', pass);
    return () => parts.feed.off('message', pass);
  });
