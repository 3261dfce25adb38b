/** The options of `httpSource`, checked once at construction. */
import { z } from 'zod';
import { Duration } from '../duration.ts';

const mebibyte = 2 ** 20;
/** Node's fetch gives up on its own after 5 minutes without headers or data. */
const longestTimeLimitMs = 300_000;
/** Beyond it the text no longer fits into one string of V8's (2^29 characters). */
const largestSizeLimitBytes = 256 * mebibyte;

/** How a message travels is the HTTP client's business, and conditions come from the previous revision. */
const reservedHeaders = new Set([
  'connection',
  'content-length',
  'host',
  'if-modified-since',
  'if-none-match',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const expectedUrl = "expected a URL such as 'https://api.example.com/rates'";

const HttpUrl = z
  .union([z.string(), z.instanceof(URL)], { error: expectedUrl })
  .transform((value, context) => {
    const fault = (message: string) => {
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    if (!URL.canParse(String(value))) return fault(expectedUrl);
    const url = new URL(value);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return fault(`${expectedUrl}: http or https`);
    if (!isDecodable(url.username) || !isDecodable(url.password)) {
      return fault(
        'its user name or password has a "%" that isn\'t followed by two hexadecimal digits: write it as "%25"',
      );
    }
    return url;
  })
  .meta({ title: 'URL' });

const HttpHeaders = z
  .record(z.string(), z.string({ error: 'expected a string' }), {
    error: "expected an object of header names and values, such as { 'x-api-key': '…' }",
  })
  .superRefine((headers, context) => {
    for (const [name, value] of Object.entries(headers)) {
      const message = headerFault(name, value);
      if (message) context.addIssue({ code: 'custom', path: [name], message });
    }
  });

export const HttpSourceOptions = z
  .strictObject(
    {
      /** Where the dataset is, as JSON. A user and password in it are sent as basic authorization, and never shown. */
      url: HttpUrl,
      /** Sent with every call. Secrets belong here, not into the URL. */
      headers: HttpHeaders.meta({ title: '`Record<string, string>`' }).default({}),
      /** For the whole call, from connecting to the last byte, redirects included. */
      timeLimit: Duration.pipe(z.number().max(longestTimeLimitMs, "expected at most '5m'")).default(10_000),
      /** In bytes, of the answer as it is after decompression. */
      sizeLimit: z
        .int('expected a whole number of bytes')
        .positive('expected a positive number of bytes')
        .max(largestSizeLimitBytes, 'expected at most 256 MiB, in bytes')
        .meta({ unit: 'bytes' })
        .default(16 * mebibyte),
      /**
       * What to ask for. A type that is named here is taken as JSON, too: for APIs that call their JSON `text/plain`.
       */
      accept: z
        .string('expected a string')
        .regex(/^[\x20-\x7e]+$/, "expected media types such as 'application/json'")
        .default('application/json'),
      /** For a proxy, certificates of one's own, or tests. */
      fetch: z
        .custom<typeof fetch>((value) => typeof value === 'function', 'expected a function like fetch')
        .meta({ title: '`typeof fetch`' })
        .optional(),
    },
    {
      error: (issue) => {
        if (issue.code === 'unrecognized_keys') return `there is no option ${issue.keys.join(', ')}`;
        return issue.code === 'invalid_type' ? 'expected an object with a url' : undefined;
      },
    },
  )
  .superRefine(({ url, headers }, context) => {
    const names = Object.keys(headers).map((name) => name.toLowerCase());
    if ((url.username || url.password) && names.includes('authorization')) {
      context.addIssue({
        code: 'custom',
        path: ['headers', 'authorization'],
        message: 'the url holds a user and password already: give one of the two',
      });
    }
  });
export type HttpSourceOptions = z.input<typeof HttpSourceOptions>;
export type HttpSourceSettings = z.output<typeof HttpSourceOptions>;

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function headerFault(name: string, value: string): string | undefined {
  if (name.toLowerCase() === 'accept') return 'use the option accept';
  if (reservedHeaders.has(name.toLowerCase())) return 'is set by the source itself: leave it out';
  try {
    new Headers([[name, value]]);
    return undefined;
  } catch {
    return 'expected a header name and a value that HTTP allows: no line breaks, nothing beyond Latin-1';
  }
}
