/** What a pod or a key says of itself, as it may stand in a terminal: no control characters, and bounded. */

const longest = 200;

export function printable(text: string, most = longest): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD');
  return clean.length > most ? `${clean.slice(0, most)}…` : clean;
}
