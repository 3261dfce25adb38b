/** From bytes to a JSON value, or to the one thing that is wrong with them. */

/** Deeper data overflows the stack of whatever walks over it later; real datasets have a tenth of it. */
const deepestNesting = 500;
const longestExcerpt = 120;

export type ParsedBody = Readonly<{ data: unknown } | { fault: 'empty' | 'brokenBody' | 'badJson'; what: string }>;

export function parseJsonBody(bytes: Uint8Array): ParsedBody {
  if (bytes.byteLength === 0) return { fault: 'empty', what: 'an empty body' };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { fault: 'badJson', what: 'a body that is not UTF-8 text' };
  }
  if (text.trim() === '') return { fault: 'empty', what: 'a blank body' };
  if (isDeeperThan(deepestNesting, text)) {
    return { fault: 'badJson', what: `JSON that is nested more than ${deepestNesting} levels deep` };
  }
  try {
    return { data: JSON.parse(text) };
  } catch (error) {
    if (breaksOff(error, text))
      return { fault: 'brokenBody', what: `JSON that breaks off after ${bytes.byteLength} bytes` };
    return { fault: 'badJson', what: `a body that is not JSON (${excerpt(error)})` };
  }
}

/** After `Connection: close` fetch takes any end for the end, even in the middle of chunks: the JSON is what tells. */
function breaksOff(error: unknown, text: string): boolean {
  const { message } = error as Error;
  const position = /at position (\d+)/.exec(message)?.[1];
  return /^(Unexpected end|Unterminated)/.test(message) || Number(position) === text.trimEnd().length;
}

/** V8 quotes the text around the fault; control characters of it have no place in a log line. */
function excerpt(error: unknown): string {
  return String((error as Error).message)
    .replace(/[^\x20-\x7e]+/g, ' ')
    .slice(0, longestExcerpt);
}

function isDeeperThan(limit: number, text: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === 0x22) isInString = !isInString;
    else if (isInString) at += Number(character === 0x5c);
    else if (character === 0x5b || character === 0x7b) {
      depth += 1;
      if (depth > limit) return true;
    } else if (character === 0x5d || character === 0x7d) depth -= 1;
  }
  return false;
}
