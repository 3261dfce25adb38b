/** Keeps the connection for as long as the pod lives; reports its ups and downs and what concerns the role. */
import { fromCallback } from 'xstate';
import type { Announcement, PodEvent, PodId, PodInput } from '../../machines/index.ts';
import type { Message } from '../ports.ts';
import type { PodParts } from './parts.ts';

export const connection = (parts: PodParts) =>
  fromCallback<PodEvent, Pick<PodInput, 'podId' | 'mode'>>(({ sendBack, input, self }) => {
    parts.own.machine = self._parent;
    if (input.mode === 'standalone') return undefined;
    parts.connection.open({
      onUp: () => sendBack({ type: 'redis.up' }),
      onDown: (failure) => sendBack({ type: 'redis.down', failure }),
      onMessage: (message) => {
        // Another version of the service may have more datasets, and whoever announces names at will fills no memory.
        const { announcement } = message;
        if ('dataset' in announcement && !parts.datasets.has(announcement.dataset)) {
          if (announcement.kind === 'requested') decline(parts, announcement);
          return;
        }
        parts.memory.hear(message);
        parts.feed.emit('message', message);
        tellPod(parts, message, sendBack);
      },
      onWarning: parts.onWarning,
    });
    return () => {
      parts.connection
        .close()
        .catch((error: unknown) => parts.onWarning(`closing the connection failed: ${String(error)}`));
    };
  });

function tellPod(parts: PodParts, { announcement }: Message, sendBack: (event: PodEvent) => void): void {
  switch (announcement.kind) {
    case 'acquired': {
      const { podId, epoch, ttlLeftMs } = announcement;
      sendBack({ type: 'announcement.acquired', podId, epoch, ttlLeftMs });
      break;
    }
    case 'released':
      sendBack({ type: 'announcement.released', podId: announcement.podId, epoch: announcement.epoch });
      break;
    case 'requested': {
      const { dataset, from, requestId } = announcement;
      parts.requests.addRemote(dataset, from, requestId, warnOfAnswer(parts, from));
      sendBack({ type: 'announcement.requested', dataset });
      break;
    }
    case 'answered':
      parts.requests.noteAnswer(announcement.requestId, announcement.result);
      break;
    case 'stepDownRequested': {
      const { from, requestId } = announcement;
      parts.stepDowns.addRemote(from, requestId, (error) =>
        parts.onWarning(`the answer to the step-down that ${from} asked for could not be sent: ${String(error)}`),
      );
      sendBack({ type: 'announcement.stepdown' });
      break;
    }
    case 'stepDownAnswered':
      parts.stepDowns.noteAnswer(announcement.requestId, announcement.result);
      break;
    default:
  }
}

/** Whoever asked would wait until its time limit. */
function decline(parts: PodParts, { dataset, from, requestId }: Extract<Announcement, { kind: 'requested' }>): void {
  const reason = `the leader ${parts.podId} has no dataset "${dataset}"`;
  parts.requests.answerRemote({ outcome: 'noLeader', reason }, from, requestId, warnOfAnswer(parts, from));
}

function warnOfAnswer(parts: PodParts, from: PodId): (error: unknown) => void {
  return (error) =>
    parts.onWarning(`the answer to the refresh that ${from} asked for could not be sent: ${String(error)}`);
}
