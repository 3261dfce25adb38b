/** A pod goes on reconnecting, and its sentences say so; a command ends. */
export function onceOnly(sentence: string): string {
  const goesOn =
    'reconnecting goes on|it is tried again every few seconds|this passes, and is tried again|what is published stays readable';
  return sentence
    .replace(new RegExp(`[;:,]? (and )?(${goesOn})( until it does)?\\.$`), '.')
    .replace(/: the command may have run\.$/, '.');
}
