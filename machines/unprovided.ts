import { type EventObject, fromCallback, fromPromise, type NonReducibleUnknown } from 'xstate';

const advice = (name: string) => `The actor "${name}" was not provided: run the machine with createPodActors(...).`;

/**
 * The place of an actor that acts on the outside world and answers once. The machine names it and types its question
 * and answer; whoever runs the machine supplies it with `.provide()`.
 */
export function unprovided<Output, Input extends NonReducibleUnknown>(name: string) {
  return fromPromise<Output, Input>(() => Promise.reject(new Error(advice(name))));
}

/** The place of an actor that reports events for as long as it runs. */
export function unprovidedReporter<Report extends EventObject, Input extends NonReducibleUnknown>(name: string) {
  return fromCallback<Report, Input>(() => {
    throw new Error(advice(name));
  });
}
