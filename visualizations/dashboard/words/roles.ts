/** How a state of a pod is shown: a word, and a letter that stands beside its colour. */
import type { PodPicture } from '../picture/pod-picture.ts';

export const looks = {
  leader: { letter: '★', name: 'leader' },
  uncertain: { letter: '?', name: 'leader, lease unconfirmed' },
  candidate: { letter: 'C', name: 'candidate' },
  follower: { letter: 'F', name: 'follower' },
  degraded: { letter: 'D', name: 'degraded' },
  standalone: { letter: 'A', name: 'standalone' },
  starting: { letter: '…', name: 'starting' },
  stopping: { letter: '↓', name: 'stopping' },
  paused: { letter: '‖', name: 'paused' },
  gone: { letter: '✖', name: 'gone' },
} as const;
export type Look = keyof typeof looks;

export function lookOf(pod: PodPicture): Look {
  if (pod.goneAt !== undefined || pod.role === 'stopped') return 'gone';
  if (pod.isPaused) return 'paused';
  if (pod.isUncertain) return 'uncertain';
  return pod.role;
}

/** `1 leader`, `69 followers`, `3 degraded` */
export function countText(count: number, look: Look): string {
  const isNoun = ['leader', 'candidate', 'follower'].includes(look);
  return `${count} ${looks[look].name}${isNoun && count !== 1 ? 's' : ''}`;
}
