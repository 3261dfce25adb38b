// Written by `npm run visualize` from machines/refresh.machine.ts. Paste it into stately.ai/viz (XState 4).
// It shows and simulates the chart, it is not what runs: actions do nothing, actors never answer by themselves, a guard
// is true where something happened and false where nothing did (`always`). Change a guard to see another path.
import { createMachine } from 'xstate';

export const refreshMachine = createMachine(
{
  "id": "refresh",
  "predictableActionArguments": true,
  "description": "Fetches one dataset when it is due and publishes what changed.",
  "initial": "suspended",
  "on": {
    "refresh.resumed": {
      "actions": "noteResumed"
    },
    "refresh.suspended": {
      "actions": "noteSuspended",
      "description": "What is under way ends; nothing new begins."
    },
    "refresh.requested": {
      "actions": "noteRequested"
    },
    "refresh.overridden": {
      "actions": "noteUnpublished"
    },
    "refresh.finish": {
      "actions": "noteFinishing"
    }
  },
  "states": {
    "suspended": {
      "description": "The lease is unconfirmed, or this pod has not synced under it yet: nothing is begun.",
      "always": {
        "target": "finished",
        "cond": "isFinishing",
        "description": "Nothing can be done under this lease any more."
      },
      "after": {
        "beliefRetry": {
          "target": "deciding",
          "cond": "leaseIsConfirmed",
          "description": "The belief had run out by its own clocks alone: a renewal may have been confirmed since."
        }
      },
      "on": {
        "refresh.resumed": {
          "target": "deciding",
          "actions": "noteResumed"
        },
        "refresh.finish": {
          "target": "finished",
          "description": "Nothing is under way."
        }
      }
    },
    "deciding": {
      "description": "What comes next: nothing, what is still to be published, or the next call.",
      "always": [
        {
          "target": "suspended",
          "cond": "leaseIsUnconfirmed"
        },
        {
          "target": "finished",
          "cond": "isToFinish"
        },
        {
          "target": "publishing",
          "cond": "somethingIsUnpublished",
          "description": "A result of an earlier call is published without another one."
        },
        {
          "target": "confirming",
          "cond": "somethingIsUnconfirmed",
          "description": "An earlier call found nothing new: that is written without another one."
        },
        {
          "target": "claiming"
        }
      ]
    },
    "claiming": {
      "description": "Asks Redis for a permit: due by its clock, and within the budget?",
      "invoke": {
        "id": "claimPermit",
        "src": "claimPermit",
        "onDone": [
          {
            "target": "fenced",
            "cond": "leaseIsAnothers",
            "description": "Another pod holds a newer lease."
          },
          {
            "target": "suspended",
            "cond": "leaseIsUnconfirmed",
            "description": "Unconfirmed meanwhile: a permit that was given is asked for again, under the same id."
          },
          {
            "target": "fetching",
            "cond": "permitIsGranted",
            "actions": "tellCalled"
          },
          {
            "target": "suspended",
            "cond": "beliefHasEnded",
            "description": "The belief window is over: nothing is claimed."
          },
          {
            "target": "waiting",
            "cond": "budgetIsSpent",
            "actions": [
              "noteWait",
              "tellRefused",
              "answerOverBudget"
            ],
            "description": "The fleet has spent its budget: the call waits until the window has moved on."
          },
          {
            "target": "waiting",
            "actions": [
              "noteWait",
              "answerOverBudget"
            ]
          }
        ],
        "onError": {
          "target": "retrying",
          "actions": [
            "noteRedisFailure",
            "tellRedisFailure"
          ],
          "description": "Unknown whether a permit was given: asking again with the same id gives the same one."
        }
      },
      "on": {
        "refresh.requested": {
          "target": "claiming",
          "cond": "requestIsNew",
          "actions": "noteRequested",
          "description": "Asked again, as a request: the answer under way is about what is due."
        }
      }
    },
    "waiting": {
      "description": "Nothing is due.",
      "always": {
        "target": "finished",
        "cond": "isToFinish"
      },
      "after": {
        "dueIn": {
          "target": "deciding"
        }
      },
      "on": {
        "refresh.requested": {
          "target": "deciding",
          "actions": "noteRequested"
        },
        "refresh.overridden": {
          "target": "deciding",
          "actions": "noteUnpublished",
          "description": "A restore overrode the last publication: it is published again, as a higher revision."
        },
        "refresh.suspended": {
          "target": "suspended",
          "actions": "noteSuspended"
        },
        "refresh.finish": {
          "target": "finished"
        }
      }
    },
    "fetching": {
      "description": "One source call, with a time limit.",
      "tags": [
        "calling"
      ],
      "invoke": {
        "id": "callSource",
        "src": "callSource",
        "onDone": [
          {
            "target": "validating",
            "cond": "sourceHasAnswered"
          },
          {
            "target": "deciding",
            "cond": "nothingHasChanged",
            "actions": "noteUnconfirmed",
            "description": "Confirmed next, or when the lease is."
          },
          {
            "target": "suspended",
            "description": "Permit or belief ran out before the call began: nothing was called."
          }
        ],
        "onError": {
          "target": "deferring",
          "actions": [
            "noteSourceFailure",
            "tellFailedCall"
          ],
          "description": "The source failed: the last good revision stays."
        }
      }
    },
    "validating": {
      "description": "Checks the answer with the dataset's schema.",
      "tags": [
        "calling"
      ],
      "invoke": {
        "id": "validateResult",
        "src": "validateResult",
        "onDone": [
          {
            "target": "deciding",
            "cond": "resultIsNew",
            "actions": [
              "noteUnpublished",
              "tellKept"
            ],
            "description": "Published next, or kept while the lease is unconfirmed."
          },
          {
            "target": "deciding",
            "actions": "noteUnconfirmed",
            "description": "Byte for byte what is published: no new revision."
          }
        ],
        "onError": {
          "target": "deferring",
          "actions": [
            "noteSourceFailure",
            "tellFailedCall"
          ],
          "description": "The schema refuses the answer: the last good revision stays."
        }
      }
    },
    "publishing": {
      "description": "Writes payload and data version and announces them, all or nothing, if still the holder.",
      "tags": [
        "publishing"
      ],
      "invoke": {
        "id": "publishRevision",
        "src": "publishRevision",
        "onDone": [
          {
            "target": "deciding",
            "cond": "revisionIsPublished",
            "actions": [
              "forgetUnpublished",
              "forgetFailures",
              "tellPublished",
              "answer"
            ]
          },
          {
            "target": "resyncing",
            "cond": "redisHoldsAnother",
            "actions": "tellMismatched",
            "description": "Redis holds another version than this leader built on: sync, then propose anew."
          },
          {
            "target": "fenced",
            "cond": "leaseIsAnothers",
            "description": "Fenced: another pod holds a newer lease. The result is kept."
          },
          {
            "target": "suspended",
            "cond": "beliefHasEnded",
            "description": "The belief window is over: the result is kept until the lease is confirmed."
          },
          {
            "target": "deciding",
            "actions": [
              "forgetUnpublished",
              "tellDropped"
            ],
            "description": "Somebody has called the source since: what was kept is out of date."
          }
        ],
        "onError": [
          {
            "target": "blocked",
            "cond": "redisTakesNoWrites",
            "actions": [
              "noteRedisFailure",
              "tellBlocked"
            ],
            "description": "Redis is full or cannot save: the lease is kept, the result too."
          },
          {
            "target": "retrying",
            "actions": [
              "noteRedisFailure",
              "tellRedisFailure"
            ],
            "description": "Unknown whether it was published: sent again, the script finds its own version."
          }
        ]
      }
    },
    "blocked": {
      "description": "Redis takes no writes (out of memory, or its disk fails). Publishing is tried again with backoff.",
      "tags": [
        "blocked"
      ],
      "after": {
        "redisRetry": {
          "target": "deciding"
        }
      },
      "on": {
        "refresh.suspended": {
          "target": "suspended",
          "actions": "noteSuspended"
        },
        "refresh.finish": {
          "target": "finished",
          "description": "It could not be published: the next leader calls anew."
        }
      }
    },
    "resyncing": {
      "description": "Waits until this pod has seen what Redis holds now.",
      "after": {
        "resyncLimit": {
          "target": "deciding"
        }
      },
      "on": {
        "refresh.resumed": {
          "target": "deciding",
          "actions": "noteResumed"
        },
        "refresh.suspended": {
          "target": "suspended",
          "actions": "noteSuspended"
        }
      }
    },
    "confirming": {
      "description": "The source has nothing new: moves `checkedAt`, and no revision.",
      "tags": [
        "publishing"
      ],
      "invoke": {
        "id": "confirmRevision",
        "src": "confirmRevision",
        "onDone": [
          {
            "target": "deciding",
            "cond": "revisionIsConfirmed",
            "actions": [
              "forgetUnconfirmed",
              "forgetFailures",
              "tellUnchanged",
              "answer"
            ]
          },
          {
            "target": "fenced",
            "cond": "leaseIsAnothers",
            "description": "Another pod holds a newer lease."
          },
          {
            "target": "suspended",
            "cond": "beliefHasEnded",
            "description": "The belief window is over: it is written when the lease is confirmed."
          },
          {
            "target": "resyncing",
            "actions": [
              "forgetUnconfirmed",
              "forgetFailures",
              "tellMismatched"
            ],
            "description": "The confirmed version is not the stored one any more."
          }
        ],
        "onError": {
          "target": "retrying",
          "actions": [
            "noteRedisFailure",
            "tellRedisFailure"
          ],
          "description": "Unknown whether it was written: it is written again."
        }
      }
    },
    "retrying": {
      "description": "A command failed. Waits with backoff.",
      "after": {
        "redisRetry": {
          "target": "deciding"
        }
      },
      "on": {
        "refresh.suspended": {
          "target": "suspended",
          "actions": "noteSuspended"
        },
        "refresh.finish": {
          "target": "finished",
          "cond": "nothingIsUnwritten"
        }
      }
    },
    "deferring": {
      "description": "Writes into the schedule when the source may be called again, whoever leads then.",
      "invoke": {
        "id": "deferCall",
        "src": "deferCall",
        "onDone": {
          "target": "backingOff",
          "actions": [
            "noteWait",
            "answer",
            "tellFailing"
          ]
        },
        "onError": {
          "target": "backingOff",
          "actions": [
            "noteWait",
            "tellRedisFailure",
            "answer",
            "tellFailing"
          ],
          "description": "Unknown whether the schedule holds it: this leader waits all the same."
        }
      }
    },
    "backingOff": {
      "description": "The source failed: waits with exponential backoff and full jitter, or as long as it asked for.",
      "tags": [
        "backingOff"
      ],
      "always": {
        "target": "finished",
        "cond": "isToFinish"
      },
      "after": {
        "dueIn": {
          "target": "deciding"
        }
      },
      "on": {
        "refresh.requested": {
          "target": "deciding",
          "actions": "noteRequested"
        },
        "refresh.suspended": {
          "target": "suspended",
          "actions": "noteSuspended"
        },
        "refresh.finish": {
          "target": "finished"
        }
      }
    },
    "fenced": {
      "description": "Not the holder any more: waits for the pod to end this leadership.",
      "entry": "tellFenced"
    },
    "finished": {
      "description": "Nothing is under way.",
      "type": "final",
      "entry": "tellFinished"
    }
  }
},
{
  services: {
    callSource: () => new Promise(() => {}),
    claimPermit: () => new Promise(() => {}),
    confirmRevision: () => new Promise(() => {}),
    deferCall: () => new Promise(() => {}),
    publishRevision: () => new Promise(() => {}),
    validateResult: () => new Promise(() => {}),
  },
  actions: {
    answer: () => {},
    answerOverBudget: () => {},
    forgetFailures: () => {},
    forgetUnconfirmed: () => {},
    forgetUnpublished: () => {},
    noteFinishing: () => {},
    noteRedisFailure: () => {},
    noteRequested: () => {},
    noteResumed: () => {},
    noteSourceFailure: () => {},
    noteSuspended: () => {},
    noteUnconfirmed: () => {},
    noteUnpublished: () => {},
    noteWait: () => {},
    tellBlocked: () => {},
    tellCalled: () => {},
    tellDropped: () => {},
    tellFailedCall: () => {},
    tellFailing: () => {},
    tellFenced: () => {},
    tellFinished: () => {},
    tellKept: () => {},
    tellMismatched: () => {},
    tellPublished: () => {},
    tellRedisFailure: () => {},
    tellRefused: () => {},
    tellUnchanged: () => {},
  },
  guards: {
    beliefHasEnded: () => true,
    budgetIsSpent: () => true,
    isFinishing: () => false,
    isToFinish: () => false,
    leaseIsAnothers: () => true,
    leaseIsConfirmed: () => true,
    leaseIsUnconfirmed: () => false,
    nothingHasChanged: () => true,
    nothingIsUnwritten: () => true,
    permitIsGranted: () => true,
    redisHoldsAnother: () => true,
    redisTakesNoWrites: () => true,
    requestIsNew: () => true,
    resultIsNew: () => true,
    revisionIsConfirmed: () => true,
    revisionIsPublished: () => true,
    somethingIsUnconfirmed: () => false,
    somethingIsUnpublished: () => false,
    sourceHasAnswered: () => true,
  },
  delays: {
    beliefRetry: 2000,
    dueIn: 2000,
    redisRetry: 2000,
    resyncLimit: 2000,
  },
});
