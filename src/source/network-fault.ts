/** What broke below HTTP, in words. Node's fetch says "fetch failed" or "terminated" and hides the reason in `cause`. */
import type { SourceErrorCode } from './source.ts';

export type NetworkFault = Readonly<{ code: SourceErrorCode; what: string; advice: string }>;

const checkAddress = 'check that the API runs and is reachable from this pod';

const faults: readonly (readonly [RegExp, NetworkFault])[] = [
  [
    /^(ENOTFOUND|EAI_\w+)$/,
    {
      code: 'unreachable',
      what: 'has a host name that DNS does not know',
      advice: 'check the host in the url and the DNS of this pod',
    },
  ],
  [
    /^ECONNREFUSED$/,
    {
      code: 'unreachable',
      what: 'refuses the connection',
      advice: 'check that the API runs, and the host and port in the url',
    },
  ],
  [/^(UND_ERR_\w+_TIMEOUT|ETIMEDOUT)$/, { code: 'timeout', what: 'did not answer in time', advice: checkAddress }],
  [
    /^(HPE_\w+|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_\w+|EPROTO|ERR_SSL_\w+)$/,
    { code: 'badProtocol', what: 'does not speak proper HTTP', advice: 'check the scheme, host and port in the url' },
  ],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_/,
    {
      code: 'unreachable',
      what: 'has a TLS certificate that is not trusted',
      advice: 'add its authority with NODE_EXTRA_CA_CERTS, or pass a `fetch` that trusts it',
    },
  ],
];

/** @param hasAnswered the headers were there, so what broke is the body */
export function networkFault(error: unknown, hasAnswered: boolean): NetworkFault {
  const code = codeOf(error);
  const known = faults.find(([pattern]) => pattern.test(code))?.[1];
  const suffix = code && ` (${code})`;
  if (hasAnswered && known?.code !== 'timeout') {
    return {
      code: 'brokenBody',
      what: `broke off in mid-answer${suffix}`,
      advice: 'the refresh tries again; if it goes on, check the API and what stands before it',
    };
  }
  if (known) return { ...known, what: `${known.what}${suffix}` };
  return { code: 'unreachable', what: `gave no answer${suffix}`, advice: checkAddress };
}

/** The first system-like code along the chain of causes. */
function codeOf(error: unknown): string {
  let current = error as { code?: unknown; cause?: unknown } | null | undefined;
  for (let depth = 0; current && depth < 5; depth++) {
    if (typeof current.code === 'string') return current.code.slice(0, 60);
    current = current.cause as typeof current;
  }
  return '';
}
