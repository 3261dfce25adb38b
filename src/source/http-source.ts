/**
 * A dataset over HTTP: one GET, answered with JSON.
 *
 * Guarantee: one attempt, ended by the time limit, the size limit or the caller's signal, whichever comes first, with
 * its connection closed on every path; whatever isn't a complete `200` with JSON, or a `304` to a condition that was
 * sent, is a {@link SourceError}. Redirects: at most 3, never to another protocol; to another host none of the
 * configured headers is sent. Not guaranteed: that the JSON is the dataset (its schema decides), and that the server
 * did no work for a call that was ended here. No retries: retrying belongs to the machine.
 * Clock: a timer for the limit; the wall clock only where an answer has no `Date` of its own.
 *
 * The connection isn't kept alive: calls are minutes apart, and a pod that has stopped leaves nothing open. One flaw of
 * Node 20's fetch (undici 6.24): after a call that was cut off it connects once more, sends nothing, and closes that
 * connection 4 s later; it doesn't keep the process alive.
 */
import { formatDuration } from '../duration.ts';
import { parseOptions } from '../options.ts';
import { conditionHeaders, validatorsOf } from './conditions.ts';
import { retryAfterMs } from './http-date.ts';
import { HttpSourceOptions, type HttpSourceSettings } from './http-options.ts';
import { discard, type Fail, request } from './http-request.ts';
import { parseJsonBody } from './json-body.ts';
import { readBody } from './limited-body.ts';
import { networkFault } from './network-fault.ts';
import { redactUrl } from './redact-url.ts';
import { type Source, SourceAnswer, type SourceCall, SourceError, UNCHANGED } from './source.ts';
import { timeLimited } from './time-limited.ts';

/**
 * For a token that changes, wrap it: `call => httpSource({ url, headers: { authorization: token() } })(call)`.
 *
 * @throws {BellwetherError} `configuration`, listing every wrong option
 */
export function httpSource(options: HttpSourceOptions): Source<unknown> {
  const settings = parseOptions('httpSource', HttpSourceOptions, options);
  const shownUrl = redactUrl(settings.url);
  return (call) => {
    const fail: Fail = (code, what, advice, details) =>
      new SourceError(code, `${call.dataset}: ${shownUrl} ${what}; ${advice}.`, details);
    const limits = {
      signal: call.signal,
      timeLimitMs: settings.timeLimit,
      whenLate: () => {
        const limit = formatDuration(settings.timeLimit);
        return fail(
          'timeout',
          `gave no complete answer within ${limit}`,
          'check the API, or raise the option timeLimit',
        );
      },
      whenAborted: (cause: unknown) =>
        fail('aborted', 'was not waited for', 'the pod is stopping or no longer leads, nothing is to be done', {
          cause,
        }),
    };
    return timeLimited(limits, (signal) => attempt(settings, call, signal, fail));
  };
}

async function attempt(settings: HttpSourceSettings, call: SourceCall<unknown>, signal: AbortSignal, fail: Fail) {
  const conditions = conditionHeaders(call.previous?.validators);
  const response = await request(settings, conditions, signal, fail);
  try {
    if (response.status === 304 && Object.keys(conditions).length > 0) return UNCHANGED;
    refuseUnlessJson(response, settings, fail);
    return await answerOf(response, settings, fail);
  } finally {
    discard(response);
  }
}

function refuseUnlessJson(response: Response, { accept, sizeLimit }: HttpSourceSettings, fail: Fail): void {
  const { status, headers } = response;
  if (status === 204 || status === 205) throw fail('empty', `answered ${status}, no content`, 'check the option url');
  if (status !== 200) {
    const waitMs = status >= 400 ? retryAfterMs(headers, Date.now()) : undefined;
    const wait = waitMs === undefined ? '' : ` and asks not to be called for ${formatDuration(waitMs)}`;
    throw fail('badStatus', `answered ${status}${wait}`, adviceFor(status), { retryAfterMs: waitMs });
  }
  if (headers.get('content-length') === '0') throw fail('empty', 'answered an empty body', 'check the option url');
  const contentType = headers.get('content-type') ?? '';
  if (!isJsonType(contentType, accept)) {
    const shown = contentType ? contentType.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 60) : 'no content type';
    throw fail(
      'badContentType',
      `answered ${shown} instead of JSON`,
      'check the option url, or name the type in the option accept',
    );
  }
  if (Number(headers.get('content-length')) > sizeLimit) throw tooLarge(sizeLimit, fail);
}

/** `application/json`, `text/json`, `…+json` and what the user named; parameters such as the charset don't matter. */
function isJsonType(contentType: string, accept: string): boolean {
  const essence = (type: string) => type.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const type = essence(contentType);
  return (
    /^(application|text)\/json$|^[^/\s]+\/[^/\s]+\+json$/.test(type) ||
    (type !== '' && accept.split(',').map(essence).includes(type))
  );
}

function adviceFor(status: number): string {
  if (status === 304) return 'no condition was sent: check what caches before the API';
  if (status === 401 || status === 403) return 'check the credentials in the option headers';
  if (status === 404 || status === 410) return 'check the option url';
  if (status === 429) return 'raise the refresh interval, or have its rate limit raised';
  if (status >= 500) return 'the fault is on its side: look at its status and logs';
  return 'only 200 is an answer: check the option url';
}

async function answerOf(response: Response, { sizeLimit }: HttpSourceSettings, fail: Fail): Promise<SourceAnswer> {
  const advice = 'check what the API sends there';
  if (!response.body) throw fail('empty', 'answered an empty body', advice);
  const bytes = await readBody(response.body, sizeLimit).catch((cause: unknown) => {
    const fault = networkFault(cause, true);
    throw fail(fault.code, fault.what, fault.advice, { cause });
  });
  if (!bytes) throw tooLarge(sizeLimit, fail);
  const parsed = parseJsonBody(bytes);
  if ('fault' in parsed) throw fail(parsed.fault, `answered ${parsed.what}`, advice);
  return new SourceAnswer(parsed.data, validatorsOf(response.headers, Date.now()));
}

function tooLarge(sizeLimit: number, fail: Fail): SourceError {
  return fail(
    'tooLarge',
    `answers more than ${sizeLimit} bytes`,
    'check the option url, or raise the option sizeLimit',
  );
}
