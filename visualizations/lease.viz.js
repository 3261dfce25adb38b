// Written by `npm run visualize` from machines/lease.machine.ts. Paste it into stately.ai/viz (XState 4).
// It shows and simulates the chart, it is not what runs: actions do nothing, actors never answer by themselves, a guard
// is true where something happened and false where nothing did (`always`). Change a guard to see another path.
import { createMachine } from 'xstate';

export const leaseMachine = createMachine(
{
  "id": "lease",
  "predictableActionArguments": true,
  "description": "Keeps the leader lock alive and knows for how long it may be believed in.",
  "initial": "believed",
  "states": {
    "believed": {
      "description": "A renewal was confirmed within the belief window: this pod may call the source and publish.",
      "initial": "held",
      "tags": [
        "believed"
      ],
      "after": {
        "beliefLeft": {
          "target": "uncertain",
          "description": "No confirmation within the belief window: nothing is begun under this lease until one comes."
        }
      },
      "on": {
        "time.jumped": {
          "target": "uncertain",
          "description": "The process was paused or a clock jumped: the lease is unconfirmed until a renewal succeeds."
        }
      },
      "states": {
        "held": {
          "description": "Waits for the next renewal.",
          "after": {
            "renewInterval": {
              "target": "renewing"
            }
          }
        },
        "renewing": {
          "description": "Asks Redis to renew: only if lock and epoch are still this lease.",
          "invoke": {
            "id": "renewLease",
            "src": "renewLease",
            "onDone": [
              {
                "target": "#lease.lost",
                "cond": "leaseIsLost",
                "description": "Somebody else holds it, or it is gone: it is never recreated."
              },
              {
                "target": "#lease.believed",
                "cond": "confirmationIsInTime",
                "actions": "keepBelief"
              },
              {
                "target": "#lease.uncertain",
                "description": "The confirmation came when the belief window was over."
              }
            ],
            "onError": {
              "target": "retrying",
              "actions": "tellFailure",
              "description": "The renewal failed or timed out: it is tried again while the belief lasts."
            }
          }
        },
        "retrying": {
          "description": "Waits a moment before the next try.",
          "after": {
            "renewRetry": {
              "target": "renewing"
            }
          }
        }
      }
    },
    "uncertain": {
      "description": "The belief window is over. Goes on renewing, but nothing is begun under this lease.",
      "initial": "renewing",
      "tags": [
        "uncertain"
      ],
      "entry": "tellUncertain",
      "after": {
        "uncertainLimit": {
          "target": "lost",
          "actions": "endAsUnheard",
          "description": "A leader that is heard but never hears would hold for ever: it stops renewing and steps down."
        }
      },
      "on": {
        "time.jumped": {
          "target": ".renewing",
          "description": "Paused again: what was under way is not waited for; the limit runs on."
        }
      },
      "states": {
        "renewing": {
          "description": "Asks Redis whether the lease is still this one.",
          "invoke": {
            "id": "confirmLease",
            "src": "renewLease",
            "onDone": [
              {
                "target": "#lease.lost",
                "cond": "leaseIsLost",
                "description": "Somebody took the lease over meanwhile."
              },
              {
                "target": "#lease.believed",
                "cond": "confirmationIsInTime",
                "actions": [
                  "keepBelief",
                  "tellConfirmed"
                ],
                "description": "A renewal succeeded: nobody took over, the lease is believed in again."
              },
              {
                "target": "retrying"
              }
            ],
            "onError": {
              "target": "retrying",
              "actions": "tellFailure",
              "description": "Still unknown whose the lease is."
            }
          }
        },
        "retrying": {
          "description": "Waits a moment before the next try.",
          "after": {
            "renewRetry": {
              "target": "renewing"
            }
          }
        }
      }
    },
    "lost": {
      "description": "Not the holder any more, or not for anybody who could know.",
      "type": "final"
    }
  }
},
{
  services: {
    renewLease: () => new Promise(() => {}),
  },
  actions: {
    endAsUnheard: () => {},
    keepBelief: () => {},
    tellConfirmed: () => {},
    tellFailure: () => {},
    tellUncertain: () => {},
  },
  guards: {
    confirmationIsInTime: () => true,
    leaseIsLost: () => true,
  },
  delays: {
    beliefLeft: 2000,
    renewInterval: 2000,
    renewRetry: 2000,
    uncertainLimit: 2000,
  },
});
