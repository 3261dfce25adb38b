/**
 * Announcements on the wire: a header of JSON, then, of a small `published`, a line feed and the payload's bytes.
 *
 * Guarantee: what is malformed, oversized or of an unknown kind is dropped with one warning per cause, never thrown.
 * Non-guarantee: the payload is not verified here.
 */
import { Announcement } from '../../machines/index.ts';
import type { Message } from '../ports.ts';

/** Header and payload. Twice the largest payload that is sent inline. */
export const longestMessageBytes = 64 * 1024;

const lineFeed = 10;

export function encodeAnnouncement(announcement: Announcement): string {
  return JSON.stringify(announcement);
}

/** Reads messages of one connection. `warn` is called once per cause. */
export function announcementReader(
  warn: (sentence: string) => void,
): (message: Buffer) => Omit<Message, 'receivedAtMs'> | undefined {
  const told = new Set<string>();
  return (message) => {
    const decoded = decodeAnnouncement(message);
    if (typeof decoded !== 'string') return decoded;
    if (!told.has(decoded)) {
      told.add(decoded);
      warn(
        `An announcement was dropped because it ${decoded}: see to it that only pods of this fleet publish on its channels.`,
      );
    }
    return undefined;
  };
}

/** The announcement, or why it is none. The reasons are few, whatever is sent. */
function decodeAnnouncement(message: Buffer): Omit<Message, 'receivedAtMs'> | string {
  if (message.length > longestMessageBytes) return `is longer than ${longestMessageBytes} bytes`;
  const end = message.indexOf(lineFeed);
  let header: unknown;
  try {
    header = JSON.parse(message.toString('utf8', 0, end < 0 ? message.length : end));
  } catch {
    return 'is not JSON';
  }
  const announcement = Announcement.safeParse(header);
  if (!announcement.success) return 'is of a kind or shape that this pod does not know';
  if (end < 0 || announcement.data.kind !== 'published') return { announcement: announcement.data };
  return { announcement: announcement.data, payload: ownBytes(message.subarray(end + 1)) };
}

/** A view of a socket's much larger chunk would keep all of it in memory for as long as the payload lives. */
function ownBytes(view: Buffer): Buffer {
  return view.buffer.byteLength > 2 * view.length ? Buffer.from(view) : view;
}
