/**
 * Sends one GET and follows its redirects by hand: fetch would go to any protocol, and take `x-api-key` along to any
 * host. At most 3 redirects, all by the protocol of the first; none of the configured headers for another origin.
 */
import type { HttpSourceSettings } from './http-options.ts';
import { networkFault } from './network-fault.ts';
import type { SourceError, SourceErrorCode } from './source.ts';

const redirectLimit = 3;
const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/** Makes the error of this source and dataset: what happened, and what to do. */
export type Fail = (
  code: SourceErrorCode,
  what: string,
  advice: string,
  details?: { cause?: unknown; retryAfterMs?: number | undefined },
) => SourceError;

/** Resolves to the first answer that is no redirect; its body is the caller's to read or to {@link discard}. */
export async function request(
  settings: HttpSourceSettings,
  conditions: Record<string, string>,
  signal: AbortSignal,
  fail: Fail,
): Promise<Response> {
  const send = settings.fetch ?? globalThis.fetch;
  const own = ownHeaders(settings);
  let url = withoutUserInfo(settings.url);
  for (let redirects = 0; ; redirects++) {
    const isHome = url.origin === settings.url.origin;
    const headers = {
      'user-agent': 'bellwether',
      ...(isHome && own),
      ...conditions,
      accept: settings.accept,
      connection: 'close',
    };
    const response = await send(url, { headers, redirect: 'manual', signal }).catch((cause: unknown) => {
      const { code, what, advice } = networkFault(cause, false);
      throw fail(code, what, advice, { cause });
    });
    // A fetch of the user's own may not know of signals: nobody waits for this answer any more.
    if (signal.aborted) discard(response);
    signal.throwIfAborted();
    if (!redirectStatuses.has(response.status)) return response;
    discard(response);
    if (redirects === redirectLimit) {
      throw fail(
        'badRedirect',
        `redirects more than ${redirectLimit} times`,
        'put the final address into the option url',
      );
    }
    url = redirectTarget(response, url, fail);
  }
}

function ownHeaders({ url, headers }: HttpSourceSettings): Record<string, string> {
  // Lower case, so that ours replace theirs: fetch would join two spellings of one name.
  const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  if (!url.username && !url.password) return own;
  const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { ...own, authorization: `Basic ${Buffer.from(user).toString('base64')}` };
}

function withoutUserInfo(url: URL): URL {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare;
}

function redirectTarget(response: Response, from: URL, fail: Fail): URL {
  const location = response.headers.get('location');
  const advice = 'put the final address into the option url';
  if (!location || !URL.canParse(location, from.href)) {
    throw fail('badRedirect', `answered ${response.status} without a usable Location`, advice);
  }
  const target = new URL(location, from);
  if (target.protocol !== from.protocol) {
    throw fail('badRedirect', `redirects to another protocol (${target.protocol.slice(0, 20)})`, advice);
  }
  return withoutUserInfo(target);
}

/** Cancels what was not read; a body that is read or being read says no, and is closed by the signal. */
export function discard(response: Response): void {
  response.body?.cancel().catch(() => {});
}
