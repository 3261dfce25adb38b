// Written by `npm run visualize` from machines/sync.machine.ts. Paste it into stately.ai/viz (XState 4).
// It shows and simulates the chart, it is not what runs: actions do nothing, actors never answer by themselves, a guard
// is true where something happened and false where nothing did (`always`). Change a guard to see another path.
import { createMachine } from 'xstate';

export const syncMachine = createMachine(
{
  "id": "sync",
  "predictableActionArguments": true,
  "description": "Keeps this pod on the newest version, and Redis too.",
  "initial": "checking",
  "invoke": {
    "id": "announcements",
    "src": "announcements"
  },
  "on": {
    "sync.check": {
      "target": ".checking",
      "description": "Somebody must know what Redis holds now."
    },
    "announcement.published": {
      "actions": "noteAnnouncement",
      "description": "Heard while busy: looked at when the work under way is done."
    },
    "announcement.verified": {
      "cond": "isNewerThanHeld",
      "actions": [
        "noteServed",
        "tellServed"
      ],
      "description": "Came with its payload: readers have it already."
    },
    "calls.forgotten": {
      "target": ".telling",
      "description": "Redis fell back behind source calls that this pod knows of: told at once, they are not made again."
    }
  },
  "states": {
    "idle": {
      "description": "On the newest version known. Waits for an announcement or the next poll.",
      "entry": [
        "forgetFailures",
        "tellSettled"
      ],
      "after": {
        "pollInterval": {
          "target": "checking"
        }
      },
      "on": {
        "announcement.published": [
          {
            "target": "verifying",
            "cond": "announcementIsNewsWithPayload",
            "actions": [
              "noteAnnouncement",
              "takeUpAnnounced"
            ],
            "description": "A small payload came with its announcement."
          },
          {
            "target": "downloading",
            "cond": "announcementIsNews",
            "actions": "noteAnnouncement"
          },
          {
            "actions": "noteAnnouncement"
          }
        ],
        "announcement.suspected": {
          "target": "offering",
          "cond": "weHoldIt",
          "description": "Redis lost a payload that this pod may hold."
        }
      }
    },
    "offering": {
      "description": "Waits a jittered moment, so that not every pod offers the same version at once.",
      "after": {
        "offerJitter": {
          "target": "checking"
        }
      }
    },
    "telling": {
      "description": "Waits for its turn in the order of rank, a few ms apart: the fleet does not tell Redis at once.",
      "after": {
        "rankDelay": {
          "target": "checking"
        }
      },
      "on": {
        "calls.forgotten": {
          "description": "About to be told: its turn comes no later for it."
        }
      }
    },
    "checking": {
      "description": "Polls: reads the data version and reports this pod, its epoch, its versions and the calls it knows of.",
      "tags": [
        "syncing"
      ],
      "invoke": {
        "id": "poll",
        "src": "poll",
        "onDone": {
          "target": "comparing",
          "actions": [
            "notePoll",
            "tellChecked"
          ]
        },
        "onError": {
          "target": "retrying",
          "actions": [
            "noteFailure",
            "tellFailure"
          ],
          "description": "Redis did not answer or refused: what is in memory stays."
        }
      }
    },
    "comparing": {
      "description": "Compares what Redis holds with what this pod holds.",
      "always": [
        {
          "target": "checking",
          "cond": "isAskedMeanwhile",
          "description": "Somebody asked while something was restored."
        },
        {
          "target": "downloading",
          "cond": "redisHasNewer"
        },
        {
          "target": "restoring",
          "cond": "redisLacksOurs",
          "description": "Redis lost a version that this pod holds: nothing published may be lost."
        },
        {
          "target": "idle"
        }
      ]
    },
    "downloading": {
      "description": "Fetches from Redis the payloads that this pod lacks, and only these.",
      "tags": [
        "syncing"
      ],
      "entry": "takeUpMissing",
      "invoke": {
        "id": "downloadRevisions",
        "src": "downloadRevisions",
        "onDone": {
          "target": "verifying"
        },
        "onError": {
          "target": "retrying",
          "actions": [
            "noteFailure",
            "tellFailure"
          ],
          "description": "The download failed: the last good revision stays."
        }
      }
    },
    "verifying": {
      "description": "Checks checksum and schema.",
      "tags": [
        "syncing"
      ],
      "invoke": {
        "id": "verifyRevisions",
        "src": "verifyRevisions",
        "onDone": {
          "target": "applied",
          "actions": [
            "serveRevisions",
            "tellVerified",
            "noteVerified"
          ]
        },
        "onError": {
          "target": "retrying",
          "actions": [
            "noteFailure",
            "tellFailure"
          ],
          "description": "Neither verified nor refused: what is in memory stays."
        }
      }
    },
    "applied": {
      "description": "What was verified is served now; what was not is known by its reason.",
      "always": [
        {
          "target": "reportingDamage",
          "cond": "somethingIsDamaged",
          "description": "A payload is missing or its checksum fails: the last good revision stays."
        },
        {
          "target": "downloading",
          "cond": "redisHasNewer"
        },
        {
          "target": "restoring",
          "cond": "redisLacksOurs"
        },
        {
          "target": "idle"
        }
      ]
    },
    "reportingDamage": {
      "description": "Marks the damaged payload in Redis, so that a pod that holds this version restores it.",
      "tags": [
        "syncing"
      ],
      "entry": "noteFailure",
      "invoke": {
        "id": "reportDamage",
        "src": "reportDamage",
        "onDone": {
          "target": "retrying"
        },
        "onError": {
          "target": "retrying",
          "actions": "tellFailure",
          "description": "Unknown whether it is marked: if it is not, the next look finds it again."
        }
      }
    },
    "restoring": {
      "description": "Puts back what Redis lost. Needs no lease: it adds nothing that was not published.",
      "tags": [
        "syncing"
      ],
      "invoke": {
        "id": "restoreRevisions",
        "src": "restoreRevisions",
        "onDone": {
          "target": "comparing",
          "actions": [
            "tellRestored",
            "forgetWanted"
          ]
        },
        "onError": {
          "target": "retrying",
          "actions": [
            "noteFailure",
            "tellFailure"
          ],
          "description": "Unknown what was restored: the next poll says what is still wanted."
        }
      },
      "on": {
        "sync.check": {
          "actions": "noteAskedMeanwhile",
          "description": "Looked at when it is restored: broken off, it would be done all the same and told by nobody."
        },
        "calls.forgotten": {
          "actions": "noteAskedMeanwhile",
          "description": "Told when it is restored."
        }
      }
    },
    "retrying": {
      "description": "Waits with jittered backoff, then looks again.",
      "entry": "tellSettled",
      "after": {
        "syncRetry": {
          "target": "checking"
        }
      },
      "on": {
        "announcement.published": [
          {
            "target": "verifying",
            "cond": "announcementIsNewsWithPayload",
            "actions": [
              "noteAnnouncement",
              "takeUpAnnounced"
            ]
          },
          {
            "actions": "noteAnnouncement"
          }
        ]
      }
    }
  }
},
{
  services: {
    announcements: () => new Promise(() => {}),
    downloadRevisions: () => new Promise(() => {}),
    poll: () => new Promise(() => {}),
    reportDamage: () => new Promise(() => {}),
    restoreRevisions: () => new Promise(() => {}),
    verifyRevisions: () => new Promise(() => {}),
  },
  actions: {
    forgetFailures: () => {},
    forgetWanted: () => {},
    noteAnnouncement: () => {},
    noteAskedMeanwhile: () => {},
    noteFailure: () => {},
    notePoll: () => {},
    noteServed: () => {},
    noteVerified: () => {},
    serveRevisions: () => {},
    takeUpAnnounced: () => {},
    takeUpMissing: () => {},
    tellChecked: () => {},
    tellFailure: () => {},
    tellRestored: () => {},
    tellServed: () => {},
    tellSettled: () => {},
    tellVerified: () => {},
  },
  guards: {
    announcementIsNews: () => true,
    announcementIsNewsWithPayload: () => true,
    isAskedMeanwhile: () => false,
    isNewerThanHeld: () => true,
    redisHasNewer: () => false,
    redisLacksOurs: () => false,
    somethingIsDamaged: () => false,
    weHoldIt: () => true,
  },
  delays: {
    offerJitter: 2000,
    pollInterval: 2000,
    rankDelay: 2000,
    syncRetry: 2000,
  },
});
