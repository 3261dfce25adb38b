// Written by `npm run visualize` from machines/pod.machine.ts. Paste it into Stately's editor.
// It shows and simulates the chart, it is not what runs: actions do nothing, actors never answer by themselves, a guard
// is true where something happened and false where nothing did (`always`). Change a guard to see another path.
import { fromPromise, setup } from 'xstate';

export const podMachine = setup({
  actors: {
    acquireLease: fromPromise(() => new Promise(() => {})),
    connection: fromPromise(() => new Promise(() => {})),
    lease: fromPromise(() => new Promise(() => {})),
    leaveFleet: fromPromise(() => new Promise(() => {})),
    releaseLease: fromPromise(() => new Promise(() => {})),
    sync: fromPromise(() => new Promise(() => {})),
    takeOverLease: fromPromise(() => new Promise(() => {})),
    watchTime: fromPromise(() => new Promise(() => {})),
    yieldLease: fromPromise(() => new Promise(() => {})),
  },
  actions: {
    answerRequests: () => {},
    answerStepDown: () => {},
    checkSync: () => {},
    dismissRequests: () => {},
    endBelief: () => {},
    forgetAllFailing: () => {},
    forgetFailing: () => {},
    forgetFailure: () => {},
    forgetKept: () => {},
    forgetLock: () => {},
    forgetOwnLock: () => {},
    forgetYields: () => {},
    noteAnsweredWait: () => {},
    noteApplied: () => {},
    noteBlindness: () => {},
    noteFailing: () => {},
    noteFailure: () => {},
    noteFinished: () => {},
    noteGrant: () => {},
    noteKept: () => {},
    noteLeader: () => {},
    noteOwn: () => {},
    notePoll: () => {},
    noteRejected: () => {},
    noteRest: () => {},
    noteTurn: () => {},
    noteUnfinished: () => {},
    noteWait: () => {},
    noteYield: () => {},
    passJump: () => {},
    recordBeliefEnd: () => {},
    recordBlindness: () => {},
    recordConfirmation: () => {},
    recordEnd: () => {},
    recordFacts: () => {},
    recordGone: () => {},
    recordGrant: () => {},
    recordLeaseEnd: () => {},
    recordOwn: () => {},
    recordOwnElection: () => {},
    recordStaying: () => {},
    recordStopping: () => {},
    recordUncertainty: () => {},
    recordUp: () => {},
    republishOverridden: () => {},
    requestRefresh: () => {},
    startRefreshing: () => {},
    stopRefreshing: () => {},
    syncOwn: () => {},
    tellRefreshing: () => {},
  },
  guards: {
    anotherLeads: () => true,
    canSeePresence: () => true,
    dataIsTooNew: () => true,
    failureEndsService: () => false,
    grantIsAnothers: () => true,
    grantIsNewerThanOurs: () => true,
    holderHasChanged: () => true,
    holderIsPresent: () => true,
    isFirstInRank: () => false,
    isStandalone: () => false,
    isStopping: () => true,
    leaseIsAnothers: () => true,
    leaseIsGranted: () => true,
    leaseIsYielded: () => true,
    lockIsFree: () => true,
    lockIsGone: () => true,
    lockIsOurs: () => true,
    lockIsTooYoung: () => true,
    nothingIsUnfinished: () => false,
    redisRefusesService: () => true,
    releaseIsOfTheLeader: () => true,
    weAreTheHolder: () => true,
  },
  delays: {
    acquireRetry: 2000,
    checkTurn: 2000,
    finishLimit: 2000,
    lockExpiry: 2000,
    rankDelay: 2000,
    refusedRetry: 2000,
    stopLimit: 2000,
    waitOver: 2000,
  },
}).createMachine({
  "id": "pod",
  "description": "One of many identical pods: one of them leads and fetches, all of them serve.",
  "initial": "starting",
  "invoke": {
    "id": "connection",
    "src": "connection",
    "onError": {
      "target": ".degraded",
      "actions": [
        "noteFailure",
        "recordFacts"
      ],
      "description": "The connection could not even be made: nothing here can mend it."
    }
  },
  "on": {
    "sync.applied": {
      "actions": [
        "noteApplied",
        "recordFacts"
      ]
    },
    "sync.rejected": {
      "actions": [
        "noteRejected",
        "recordFacts"
      ],
      "description": "The schema of this pod refuses a version: it keeps its last good one and says so."
    },
    "sync.damaged": {
      "actions": "recordFacts"
    },
    "sync.restored": {
      "actions": "recordFacts"
    },
    "refresh.called": {
      "actions": "recordFacts"
    },
    "refresh.published": {
      "actions": [
        "forgetYields",
        "forgetFailing",
        "forgetKept",
        "recordFacts"
      ]
    },
    "refresh.kept": {
      "actions": "noteKept"
    },
    "refresh.dropped": {
      "actions": "forgetKept"
    },
    "refresh.unchanged": {
      "actions": [
        "forgetYields",
        "forgetFailing",
        "recordFacts"
      ]
    },
    "refresh.failed": {
      "actions": [
        "noteFailing",
        "recordFacts"
      ]
    },
    "refresh.refused": {
      "actions": "recordFacts"
    },
    "refresh.blocked": {
      "actions": "recordFacts"
    },
    "refresh.answered": {
      "actions": {
        "type": "answerRequests"
      }
    },
    "announcement.requested": {
      "actions": {
        "type": "answerRequests"
      },
      "description": "This pod does not lead (any more)."
    },
    "announcement.stepdown": {
      "actions": {
        "type": "answerStepDown",
        "params": {
          "outcome": "noLeader"
        }
      }
    }
  },
  "states": {
    "starting": {
      "description": "Connecting to Redis for the first time.",
      "tags": "starting",
      "always": {
        "guard": "isStandalone",
        "target": "standalone"
      },
      "on": {
        "redis.up": {
          "target": "online",
          "actions": "recordUp",
          "description": "Connected and subscribed for the first time."
        },
        "redis.down": {
          "target": "degraded",
          "actions": [
            "noteFailure",
            "recordFacts"
          ],
          "description": "Redis is not there at start: connecting goes on."
        },
        "pod.stop": {
          "target": "stopped",
          "actions": "recordStopping"
        }
      }
    },
    "online": {
      "description": "Redis answers: this pod syncs, and one of the fleet leads.",
      "initial": "candidate",
      "invoke": {
        "id": "sync",
        "src": "sync"
      },
      "on": {
        "redis.down": {
          "target": "degraded",
          "actions": [
            "noteFailure",
            "recordFacts"
          ],
          "description": "The connection is lost: elections and calls stop at once, reads go on."
        },
        "redis.failed": [
          {
            "guard": "redisRefusesService",
            "target": "#pod.degraded.refused",
            "actions": [
              "noteFailure",
              "recordFacts"
            ],
            "description": "Redis answers but refuses (password, ACL, read-only, loading): elections and calls stop."
          },
          {
            "actions": "recordFacts",
            "description": "One command failed or timed out: whoever sent it tries again."
          }
        ],
        "sync.checked": {
          "actions": [
            "notePoll"
          ]
        },
        "announcement.acquired": {
          "guard": "grantIsAnothers",
          "actions": [
            "noteLeader"
          ]
        },
        "pod.stop": {
          "target": "stopping.leaving",
          "actions": "recordStopping",
          "description": "Holds no lease: only takes its name off the list."
        }
      },
      "states": {
        "candidate": {
          "description": "Nobody is known to lead, or this pod just came: it tries to acquire the lease.",
          "tags": "candidate",
          "initial": "acquiring",
          "on": {
            "announcement.acquired": {
              "guard": "grantIsAnothers",
              "target": "follower",
              "actions": [
                "noteLeader"
              ],
              "description": "Another pod was granted the lease first."
            }
          },
          "states": {
            "acquiring": {
              "description": "Asks Redis for the lease.",
              "on": {
                "announcement.acquired": {
                  "guard": "grantIsAnothers",
                  "actions": [
                    "noteLeader"
                  ],
                  "description": "The answer under way tells more."
                }
              },
              "invoke": {
                "id": "acquireLease",
                "src": "acquireLease",
                "onDone": [
                  {
                    "guard": "leaseIsGranted",
                    "target": "#pod.online.leader",
                    "actions": {
                      "type": "noteGrant",
                      "params": {
                        "cause": "acquired"
                      }
                    },
                    "description": "The lease was free and is granted under a new epoch."
                  },
                  {
                    "guard": "dataIsTooNew",
                    "target": "onHold",
                    "actions": "noteAnsweredWait",
                    "description": "Redis' data is new: leases are held back for one grace while pods report what they saw."
                  },
                  {
                    "target": "#pod.online.follower",
                    "actions": [
                      "noteLeader"
                    ],
                    "description": "Another pod holds it."
                  }
                ],
                "onError": {
                  "target": "retrying",
                  "actions": [
                    "noteFailure",
                    "recordFacts"
                  ],
                  "description": "Unknown whether it was granted: a lock of our own is found and re-adopted."
                }
              }
            },
            "onHold": {
              "description": "Waits one grace after the first write of new Redis data; tells Redis what this pod saw.",
              "entry": "checkSync",
              "after": {
                "waitOver": {
                  "target": "acquiring"
                }
              }
            },
            "queueing": {
              "description": "The lease is free: waiters act in the order of their rank, a few ms apart.",
              "always": {
                "guard": "isFirstInRank",
                "target": "acquiring",
                "description": "Nobody is waited for."
              },
              "after": {
                "rankDelay": {
                  "target": "acquiring"
                }
              }
            },
            "retrying": {
              "description": "Waits with jittered backoff, then asks again.",
              "always": {
                "guard": "failureEndsService",
                "target": "#pod.degraded.refused",
                "description": "Redis answers but refuses."
              },
              "after": {
                "acquireRetry": {
                  "target": "acquiring"
                }
              }
            }
          }
        },
        "follower": {
          "description": "Another pod leads. Watches its lock: takes over when its holder is gone, or when it expires.",
          "tags": "follower",
          "initial": "watching",
          "on": {
            "announcement.released": {
              "guard": "releaseIsOfTheLeader",
              "target": "#pod.online.candidate.queueing",
              "actions": [
                {
                  "type": "recordGone",
                  "params": {
                    "cause": "released"
                  }
                },
                "forgetLock"
              ],
              "description": "The leader gave the lease back: the next in rank takes it within milliseconds."
            },
            "announcement.acquired": {
              "guard": "grantIsAnothers",
              "target": ".watching",
              "actions": [
                "noteLeader"
              ],
              "description": "Another pod was granted the lease: its lock is watched from now on."
            },
            "sync.checked": [
              {
                "guard": "lockIsFree",
                "target": "#pod.online.candidate.queueing",
                "actions": [
                  {
                    "type": "recordGone",
                    "params": {
                      "cause": "lockGone"
                    }
                  },
                  "notePoll"
                ],
                "description": "The poll shows no lock: it was lost, or its release was not heard."
              },
              {
                "guard": "lockIsOurs",
                "target": "#pod.online.candidate",
                "actions": "notePoll",
                "description": "An orphan lock of our own, whose grant never arrived: acquiring re-adopts it."
              },
              {
                "target": ".watching",
                "actions": "notePoll"
              }
            ]
          },
          "states": {
            "watching": {
              "description": "Waits for this pod's turn to check, or for the lock to expire.",
              "after": {
                "lockExpiry": {
                  "target": "#pod.online.candidate",
                  "actions": {
                    "type": "recordGone",
                    "params": {
                      "cause": "expired"
                    }
                  },
                  "description": "The lock has expired: the upper bound of any takeover."
                },
                "checkTurn": {
                  "guard": "canSeePresence",
                  "target": "checking"
                }
              }
            },
            "checking": {
              "description": "Takes over if the holder is gone and its lock is old enough; one check a slot in the whole fleet.",
              "on": {
                "sync.checked": {
                  "actions": "notePoll",
                  "description": "The answer under way decides."
                }
              },
              "invoke": {
                "id": "takeOverLease",
                "src": "takeOverLease",
                "onDone": [
                  {
                    "guard": "holderIsPresent",
                    "target": "watching",
                    "actions": [
                      "noteLeader",
                      {
                        "type": "noteTurn"
                      }
                    ],
                    "description": "It keeps its lease. When its lock expires is known anew, should it never be renewed."
                  },
                  {
                    "guard": "leaseIsGranted",
                    "target": "#pod.online.leader",
                    "actions": {
                      "type": "noteGrant",
                      "params": {
                        "cause": "tookOver"
                      }
                    },
                    "description": "The holder is gone and can no longer believe in its lease: taken over."
                  },
                  {
                    "guard": "lockIsTooYoung",
                    "target": "ripening",
                    "actions": "noteAnsweredWait",
                    "description": "The holder is gone, but might still believe."
                  },
                  {
                    "guard": "lockIsGone",
                    "target": "#pod.online.candidate",
                    "actions": [
                      {
                        "type": "recordGone",
                        "params": {
                          "cause": "lockGone"
                        }
                      },
                      "forgetLock"
                    ],
                    "description": "The lock is gone."
                  },
                  {
                    "guard": "weAreTheHolder",
                    "target": "#pod.online.candidate",
                    "description": "An orphan lock of our own: acquiring re-adopts it."
                  },
                  {
                    "guard": "holderHasChanged",
                    "target": "watching",
                    "actions": [
                      "noteLeader"
                    ],
                    "description": "Another pod holds it by now."
                  },
                  {
                    "target": "watching",
                    "actions": [
                      "noteBlindness",
                      "recordBlindness"
                    ],
                    "description": "Presence cannot be seen here (ACL, Cluster): only expiry ends a lease."
                  }
                ],
                "onError": [
                  {
                    "guard": "redisRefusesService",
                    "target": "#pod.degraded.refused",
                    "actions": [
                      "noteFailure",
                      "recordFacts"
                    ],
                    "description": "Redis answers but refuses."
                  },
                  {
                    "target": "watching",
                    "actions": [
                      {
                        "type": "noteTurn"
                      },
                      "recordFacts"
                    ],
                    "description": "Unknown whether it was granted: the next check finds out."
                  }
                ]
              }
            },
            "ripening": {
              "description": "Comes back exactly when the lock is old enough.",
              "on": {
                "sync.checked": [
                  {
                    "guard": "lockIsFree",
                    "target": "#pod.online.candidate.queueing",
                    "actions": [
                      {
                        "type": "recordGone",
                        "params": {
                          "cause": "lockGone"
                        }
                      },
                      "notePoll"
                    ],
                    "description": "The poll shows no lock."
                  },
                  {
                    "actions": "notePoll",
                    "description": "Goes on waiting for the moment it was told."
                  }
                ]
              },
              "after": {
                "waitOver": {
                  "target": "checking"
                }
              }
            },
            "resting": {
              "description": "Gave its lease away, because its source calls failed or on request: leaves it to others for a while.",
              "after": {
                "waitOver": {
                  "target": "watching",
                  "description": "Rested: takes part again."
                }
              },
              "on": {
                "announcement.released": {
                  "description": "Left to the others."
                },
                "announcement.acquired": {
                  "guard": "grantIsAnothers",
                  "actions": [
                    "noteLeader"
                  ]
                },
                "sync.checked": [
                  {
                    "guard": "lockIsFree",
                    "target": "#pod.online.candidate",
                    "actions": "notePoll",
                    "description": "Nobody else took it: better a leader whose source fails than none."
                  },
                  {
                    "actions": [
                      "notePoll"
                    ]
                  }
                ]
              }
            }
          }
        },
        "leader": {
          "description": "Holds the lease: renews it, calls the sources and publishes.",
          "tags": "leader",
          "entry": [
            "recordOwnElection",
            "recordGrant",
            "startRefreshing"
          ],
          "exit": [
            "endBelief",
            "recordBeliefEnd",
            "stopRefreshing",
            {
              "type": "dismissRequests"
            },
            "forgetAllFailing"
          ],
          "initial": "catchingUp",
          "invoke": [
            {
              "id": "lease",
              "src": "lease",
              "onDone": [
                {
                  "guard": "isStopping",
                  "target": "#pod.stopping.leaving",
                  "actions": "recordLeaseEnd",
                  "description": "Lost while stopping: there is nothing to hand over any more."
                },
                {
                  "target": "candidate",
                  "actions": [
                    "forgetLock",
                    "recordLeaseEnd"
                  ],
                  "description": "The lease was lost, or never confirmed for too long: stepped down."
                }
              ]
            },
            {
              "id": "watchTime",
              "src": "watchTime"
            }
          ],
          "on": {
            "time.jumped": {
              "actions": "passJump",
              "description": "The process was paused or a clock jumped: the lease is unconfirmed until it is renewed."
            },
            "sync.applied": {
              "actions": [
                "republishOverridden",
                "noteApplied",
                "recordFacts"
              ]
            },
            "sync.checked": {
              "actions": [
                "notePoll"
              ]
            },
            "announcement.acquired": {
              "guard": "grantIsNewerThanOurs",
              "target": "follower",
              "actions": [
                {
                  "type": "recordEnd",
                  "params": {
                    "cause": "lost"
                  }
                },
                "noteLeader"
              ],
              "description": "Another pod was granted a newer epoch: this lease is over."
            },
            "announcement.requested": {
              "actions": "requestRefresh"
            },
            "announcement.stepdown": {
              "actions": {
                "type": "answerStepDown",
                "params": {
                  "outcome": "notNow",
                  "reason": "it is taking up, confirming or giving away its lease just now"
                }
              }
            },
            "refresh.published": {
              "actions": [
                "forgetYields",
                "forgetFailing",
                "forgetKept",
                "recordFacts",
                "syncOwn"
              ]
            },
            "refresh.mismatched": {
              "actions": [
                "checkSync",
                "recordFacts"
              ],
              "description": "Redis holds another version than this leader built on."
            },
            "refresh.fenced": {
              "target": "candidate",
              "actions": [
                "recordFacts",
                {
                  "type": "recordEnd",
                  "params": {
                    "cause": "fenced"
                  }
                },
                "forgetLock"
              ],
              "description": "A script refused this epoch: another pod holds a newer lease."
            },
            "sync.settled": {
              "actions": {
                "type": "tellRefreshing",
                "params": {
                  "type": "refresh.resumed"
                }
              }
            },
            "pod.stop": {
              "target": ".finishing",
              "actions": [
                "recordStopping",
                "noteUnfinished",
                {
                  "type": "tellRefreshing",
                  "params": {
                    "type": "refresh.finish"
                  }
                }
              ],
              "description": "Ends what is under way, then hands the lease over."
            }
          },
          "states": {
            "catchingUp": {
              "description": "Syncs before its first claim: it must know what was published and called before it.",
              "entry": "checkSync",
              "on": {
                "sync.settled": {
                  "target": "refreshing"
                },
                "lease.uncertain": {
                  "target": "uncertain",
                  "actions": "recordUncertainty"
                }
              }
            },
            "refreshing": {
              "description": "The lease is confirmed and this pod is synced: datasets are refreshed when due.",
              "entry": {
                "type": "tellRefreshing",
                "params": {
                  "type": "refresh.resumed"
                }
              },
              "on": {
                "lease.uncertain": {
                  "target": "uncertain",
                  "actions": "recordUncertainty",
                  "description": "No renewal was confirmed within the belief window."
                },
                "refresh.failing": {
                  "target": "yielding",
                  "actions": {
                    "type": "noteWait"
                  },
                  "description": "The source has failed too often in a row: perhaps for this pod alone."
                },
                "announcement.stepdown": {
                  "target": "handingOver",
                  "actions": [
                    "noteUnfinished",
                    "noteRest",
                    {
                      "type": "tellRefreshing",
                      "params": {
                        "type": "refresh.finish"
                      }
                    }
                  ],
                  "description": "Asked to give its lease to another pod."
                }
              }
            },
            "uncertain": {
              "description": "The lease is unconfirmed: no call and no publication is begun.",
              "entry": {
                "type": "tellRefreshing",
                "params": {
                  "type": "refresh.suspended"
                }
              },
              "on": {
                "lease.confirmed": {
                  "target": "catchingUp",
                  "actions": "recordConfirmation",
                  "description": "A renewal succeeded: nobody took over."
                },
                "sync.settled": {
                  "description": "Synced, but the lease is still unconfirmed."
                },
                "pod.stop": {
                  "target": "#pod.stopping",
                  "actions": "recordStopping",
                  "description": "Nothing may be finished under this lease."
                }
              }
            },
            "yielding": {
              "description": "Offers the lease to others, if it may: from here on it can be theirs.",
              "entry": "recordBeliefEnd",
              "invoke": {
                "id": "yieldLease",
                "src": "yieldLease",
                "onDone": [
                  {
                    "guard": "leaseIsYielded",
                    "target": "#pod.online.follower.resting",
                    "actions": [
                      "noteYield",
                      "forgetOwnLock",
                      {
                        "type": "recordEnd",
                        "params": {
                          "cause": "yielded"
                        }
                      }
                    ],
                    "description": "Given to another pod; this one rests."
                  },
                  {
                    "guard": "leaseIsAnothers",
                    "target": "#pod.online.candidate",
                    "actions": [
                      "forgetLock",
                      {
                        "type": "recordEnd",
                        "params": {
                          "cause": "lost"
                        }
                      }
                    ],
                    "description": "Another pod holds a newer lease."
                  },
                  {
                    "guard": "anotherLeads",
                    "target": "#pod.online.follower",
                    "actions": {
                      "type": "recordEnd",
                      "params": {
                        "cause": "lost"
                      }
                    },
                    "description": "It was to stay, and has lost the lease since."
                  },
                  {
                    "target": "refreshing",
                    "actions": "recordStaying",
                    "description": "Alone, or too soon: it stays."
                  }
                ],
                "onError": [
                  {
                    "guard": "redisRefusesService",
                    "target": "#pod.degraded.refused",
                    "actions": [
                      "noteFailure",
                      "recordFacts"
                    ],
                    "description": "Redis answers but refuses."
                  },
                  {
                    "target": "refreshing",
                    "actions": "recordFacts",
                    "description": "Unknown whether it was yielded: the next renewal tells."
                  }
                ]
              },
              "on": {
                "lease.uncertain": {
                  "target": "uncertain",
                  "actions": "recordUncertainty"
                },
                "refresh.failing": {
                  "description": "One yield at a time."
                },
                "announcement.acquired": {
                  "guard": "grantIsNewerThanOurs",
                  "actions": "noteLeader",
                  "description": "Heard before the answer to the offer, which tells whether this pod gave its lease or lost it."
                }
              }
            },
            "handingOver": {
              "description": "Asked to step down: lets a call or publication under way end, so that none is lost.",
              "always": {
                "guard": "nothingIsUnfinished",
                "target": "offering",
                "description": "Nothing is under way any more: the lease can go."
              },
              "after": {
                "finishLimit": {
                  "target": "offering",
                  "description": "Waited long enough."
                }
              },
              "on": {
                "refresh.finished": {
                  "actions": "noteFinished"
                },
                "announcement.stepdown": {
                  "description": "Asked again: one answer for all."
                },
                "lease.uncertain": {
                  "target": "uncertain",
                  "actions": [
                    "recordUncertainty",
                    "stopRefreshing",
                    "startRefreshing",
                    {
                      "type": "answerStepDown",
                      "params": {
                        "outcome": "notNow",
                        "reason": "its lease became unconfirmed"
                      }
                    }
                  ],
                  "description": "The lease is unconfirmed: there may be nothing to give away."
                },
                "pod.stop": {
                  "target": "finishing",
                  "actions": "recordStopping",
                  "description": "Stops instead, when what is under way has ended."
                }
              }
            },
            "offering": {
              "description": "Gives the lease to others, if there are any: from here on it can be theirs.",
              "entry": "recordBeliefEnd",
              "invoke": {
                "id": "offerLease",
                "src": "yieldLease",
                "onDone": [
                  {
                    "guard": "leaseIsYielded",
                    "target": "#pod.online.follower.resting",
                    "actions": [
                      "forgetOwnLock",
                      {
                        "type": "recordEnd",
                        "params": {
                          "cause": "yielded"
                        }
                      }
                    ],
                    "description": "Released and announced: the next in rank has it within milliseconds; this one rests."
                  },
                  {
                    "guard": "leaseIsAnothers",
                    "target": "#pod.online.candidate",
                    "actions": [
                      "forgetLock",
                      {
                        "type": "recordEnd",
                        "params": {
                          "cause": "lost"
                        }
                      }
                    ],
                    "description": "Another pod holds a newer lease."
                  },
                  {
                    "guard": "anotherLeads",
                    "target": "#pod.online.follower",
                    "actions": {
                      "type": "recordEnd",
                      "params": {
                        "cause": "lost"
                      }
                    },
                    "description": "It was to stay, and has lost the lease since."
                  },
                  {
                    "target": "refreshing",
                    "actions": [
                      "recordStaying",
                      "stopRefreshing",
                      "startRefreshing",
                      {
                        "type": "answerStepDown",
                        "params": {
                          "outcome": "alone"
                        }
                      }
                    ],
                    "description": "Nobody else is there: it stays."
                  }
                ],
                "onError": [
                  {
                    "guard": "redisRefusesService",
                    "target": "#pod.degraded.refused",
                    "actions": [
                      "noteFailure",
                      "recordFacts"
                    ],
                    "description": "Redis answers but refuses."
                  },
                  {
                    "target": "refreshing",
                    "actions": [
                      "recordFacts",
                      "stopRefreshing",
                      "startRefreshing",
                      {
                        "type": "answerStepDown",
                        "params": {
                          "outcome": "notNow",
                          "reason": "Redis did not answer it in time"
                        }
                      }
                    ],
                    "description": "Unknown whether it was given away: the next renewal tells."
                  }
                ]
              },
              "on": {
                "announcement.stepdown": {
                  "description": "Asked again: one answer for all."
                },
                "lease.uncertain": {
                  "target": "uncertain",
                  "actions": [
                    "recordUncertainty",
                    "stopRefreshing",
                    "startRefreshing",
                    {
                      "type": "answerStepDown",
                      "params": {
                        "outcome": "notNow",
                        "reason": "its lease became unconfirmed"
                      }
                    }
                  ],
                  "description": "Not answered within the belief window: a renewal tells whose the lease is."
                },
                "announcement.acquired": {
                  "guard": "grantIsNewerThanOurs",
                  "actions": "noteLeader",
                  "description": "Heard before the answer, which tells whether this pod gave its lease or lost it."
                },
                "pod.stop": {
                  "target": "#pod.stopping",
                  "actions": "recordStopping",
                  "description": "Nothing is under way: releases what it may have given away already."
                }
              }
            },
            "finishing": {
              "description": "Stopping: lets a call or publication under way end, so that no refresh is missed.",
              "always": {
                "guard": "nothingIsUnfinished",
                "target": "#pod.stopping",
                "description": "Nothing is under way any more: hands the lease over."
              },
              "after": {
                "finishLimit": {
                  "target": "#pod.stopping",
                  "description": "Waited long enough."
                }
              },
              "on": {
                "refresh.finished": {
                  "actions": "noteFinished"
                },
                "lease.uncertain": {
                  "target": "#pod.stopping",
                  "actions": "recordUncertainty",
                  "description": "Nothing may be finished under this lease any more."
                },
                "pod.stop": {
                  "target": "#pod.stopping",
                  "description": "Asked twice: at once."
                },
                "refresh.fenced": {
                  "target": "#pod.stopping.leaving",
                  "actions": [
                    "recordFacts",
                    {
                      "type": "recordEnd",
                      "params": {
                        "cause": "fenced"
                      }
                    }
                  ],
                  "description": "Another pod holds a newer lease: there is nothing to hand over any more."
                },
                "announcement.acquired": {
                  "guard": "grantIsNewerThanOurs",
                  "target": "#pod.stopping.leaving",
                  "actions": [
                    {
                      "type": "recordEnd",
                      "params": {
                        "cause": "lost"
                      }
                    },
                    "noteLeader"
                  ],
                  "description": "Another pod was granted a newer epoch: there is nothing to hand over any more."
                },
                "redis.down": {
                  "target": "#pod.stopped",
                  "actions": "recordFacts",
                  "description": "Nothing can be handed over: takeover or expiry ends the lease."
                },
                "redis.failed": [
                  {
                    "guard": "redisRefusesService",
                    "target": "#pod.stopped",
                    "actions": "recordFacts",
                    "description": "Nothing can be handed over: takeover or expiry ends the lease."
                  },
                  {
                    "actions": "recordFacts"
                  }
                ]
              }
            }
          }
        }
      }
    },
    "degraded": {
      "description": "Redis cannot be used: this pod serves what it has, and elects and fetches nothing.",
      "tags": "degraded",
      "initial": "disconnected",
      "on": {
        "redis.down": {
          "target": ".disconnected",
          "actions": [
            "noteFailure",
            "recordFacts"
          ]
        },
        "pod.stop": {
          "target": "stopped",
          "actions": "recordStopping"
        }
      },
      "states": {
        "disconnected": {
          "description": "No connection. Reconnecting goes on for ever, with jitter.",
          "on": {
            "redis.up": {
              "target": "#pod.online",
              "actions": [
                "recordUp",
                "forgetFailure"
              ],
              "description": "Connected and subscribed again: polls before anything else."
            }
          }
        },
        "refused": {
          "description": "Connected, but Redis refuses to serve. Tried again with backoff, slowly where a person must act.",
          "after": {
            "refusedRetry": {
              "target": "#pod.online",
              "actions": "recordUp",
              "description": "Tries again: polls first."
            }
          },
          "on": {
            "redis.up": {
              "target": "#pod.online",
              "actions": "recordUp",
              "description": "Reconnected, perhaps elsewhere."
            }
          }
        }
      }
    },
    "standalone": {
      "description": "By configuration: refreshes for itself, asks nobody, and its calls are outside the budget.",
      "tags": "standalone",
      "entry": [
        "startRefreshing",
        {
          "type": "tellRefreshing",
          "params": {
            "type": "refresh.resumed"
          }
        }
      ],
      "exit": "stopRefreshing",
      "on": {
        "announcement.requested": {
          "actions": "requestRefresh"
        },
        "refresh.published": {
          "actions": [
            "forgetFailing",
            "forgetKept",
            "recordFacts",
            "noteOwn",
            "recordOwn"
          ]
        },
        "pod.stop": {
          "target": "stopped",
          "actions": "recordStopping"
        }
      }
    },
    "stopping": {
      "description": "Hands the lease over and takes its name off the list.",
      "tags": "stopping",
      "initial": "releasing",
      "on": {
        "redis.down": {
          "target": "stopped",
          "description": "Nothing can be handed over: takeover or expiry ends the lease."
        }
      },
      "states": {
        "releasing": {
          "description": "Belief has ended; compare and delete, then announce.",
          "invoke": {
            "id": "releaseOnStop",
            "src": "releaseLease",
            "onDone": {
              "target": "leaving",
              "actions": {
                "type": "recordEnd"
              },
              "description": "The next leader acts within milliseconds."
            },
            "onError": {
              "target": "leaving",
              "actions": [
                "recordFacts",
                {
                  "type": "recordEnd",
                  "params": {
                    "cause": "unconfirmed"
                  }
                }
              ],
              "description": "Unknown whether it was released: takeover or expiry ends it."
            }
          }
        },
        "leaving": {
          "description": "Takes its name off the list of pods.",
          "after": {
            "stopLimit": {
              "target": "#pod.stopped",
              "description": "Waited long enough."
            }
          },
          "invoke": {
            "id": "leaveFleet",
            "src": "leaveFleet",
            "onDone": {
              "target": "#pod.stopped"
            },
            "onError": {
              "target": "#pod.stopped",
              "actions": "recordFacts",
              "description": "The list drops it by itself after three polls."
            }
          }
        }
      }
    },
    "stopped": {
      "type": "final",
      "description": "Nothing is open. Reads still answer with the last revision.",
      "tags": "stopped"
    }
  }
});
