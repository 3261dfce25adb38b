/**
 * A URL as messages and logs may show it. Never user or password, never a value of the query, never the fragment.
 * Keys in the path can only be guessed: a segment of 16 or more letters, digits, `_` and `-` that has both letters and
 * digits is hidden too. A short key in the path is not recognised; put keys in headers.
 */
const hidden = '***';
const longestText = 200;

export function redactUrl(url: URL): string {
  const path = url.pathname.split('/').map((segment) => (looksLikeKey(segment) ? hidden : segment));
  return `${url.protocol}//${url.host}${path.join('/')}${redactQuery(url.search)}`.slice(0, longestText);
}

function looksLikeKey(segment: string): boolean {
  return /^(?=.*\d)(?=.*[A-Za-z])[\w-]{16,}$/.test(segment);
}

function redactQuery(search: string): string {
  if (search === '') return '';
  // A part without "=" may be nothing but a key.
  const parts = search.slice(1).split('&');
  return `?${parts.map((part) => (part.includes('=') ? `${part.slice(0, part.indexOf('='))}=${hidden}` : hidden)).join('&')}`;
}
