/**
 * Reads a body up to a limit and not a byte further.
 *
 * The bytes are counted as they arrive here: after decompression, whatever `content-length` says. They are copied into
 * one growing buffer, because a list of pieces would take a hundred times their size if the server sends single bytes.
 */
const firstBytes = 64 * 1024;

/** Undefined when there is more than `limitBytes`; the rest is cancelled then. */
export async function readBody(
  body: ReadableStream<Uint8Array>,
  limitBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const reader = body.getReader();
  let buffer = new Uint8Array(Math.min(firstBytes, limitBytes));
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return buffer.subarray(0, length);
    const needed = length + value.byteLength;
    if (needed > limitBytes) {
      reader.cancel().catch(() => {});
      return undefined;
    }
    if (needed > buffer.byteLength) {
      const larger = new Uint8Array(Math.min(limitBytes, Math.max(needed, 2 * buffer.byteLength)));
      larger.set(buffer.subarray(0, length));
      buffer = larger;
    }
    buffer.set(value, length);
    length = needed;
  }
}
