/**
 * What Redis, Node and ioredis say when something fails, and what it means. The first rule that is found counts, so
 * what only a person can mend stands first.
 */
import { type FailureKind, FORMAT } from '../../machines/index.ts';
import { keyPrefix } from './keys.ts';
import type { Place } from './place.ts';

export type Rule = Readonly<{
  marks: RegExp;
  /** Else what was found. */
  code?: string;
  kind: FailureKind | ((place: Place) => FailureKind);
  /** `$address` stands for the redacted address. */
  says: string | ((place: Place, found: RegExpExecArray) => string);
}>;

const again = 'it is tried again every few seconds';

const misconfigured: Rule[] = [
  {
    marks: /NEWERFORMAT (\d+)/,
    code: 'NEWERFORMAT',
    kind: 'misconfigured',
    says: ({ address, namespace }, [, format]) =>
      `The data version of ${namespace} in Redis at ${address} has format ${format}, and this pod reads up to ${FORMAT}: update this pod; nothing was changed.`,
  },
  {
    marks: /WRONGTYPE/,
    kind: 'misconfigured',
    says: ({ address, namespace, isCluster }) => {
      const prefix = keyPrefix(namespace, isCluster);
      return `Redis at ${address} holds a value of a wrong type under a key of ${namespace}: \`redis-cli type\` says string for ${prefix}:leader_lock, ${prefix}:data_version and ${prefix}:*_backup, hash for ${prefix}:lease, ${prefix}:schedule and ${prefix}:pods:reports, zset for ${prefix}:pods and ${prefix}:pods:order; delete what differs, or choose another namespace.`;
    },
  },
  {
    marks: /WRONGPASS|invalid password/,
    code: 'WRONGPASS',
    kind: 'misconfigured',
    says: `Redis at $address refused the user name or password: correct them; ${again}.`,
  },
  {
    marks: /NOAUTH/,
    kind: 'misconfigured',
    says: `Redis at $address asks for a password: put it into the address; ${again}.`,
  },
  {
    marks: /DENIED/,
    kind: 'misconfigured',
    says: `Redis at $address is in protected mode and serves its own machine only: give it a password or \`protected-mode no\`; ${again}.`,
  },
  {
    marks: /NOPERM[^.:]*|executing the script can't[^.:]*/,
    code: 'NOPERM',
    kind: 'misconfigured',
    says: ({ address, namespace, isCluster }, [what]) => {
      const prefix = keyPrefix(namespace, isCluster);
      const complaint = what.trim().replace(/ script$/, '');
      return `Redis at ${address} does not permit this user what Bellwether needs (${complaint}): \`ACL SETUSER <user> ~${prefix}:* &${prefix}:* +@all -@dangerous +info\` is enough; ${again}.`;
    },
  },
  {
    marks: /unknown command/i,
    code: 'UNKNOWNCOMMAND',
    kind: 'misconfigured',
    says: `Redis at $address does not know a command that Bellwether needs: it takes Redis 6.2 or newer with EVAL, SUBSCRIBE and HELLO neither renamed nor disabled; ${again}.`,
  },
  {
    marks: /DB index is out of range|SELECT is not allowed in cluster mode/,
    code: 'NODATABASE',
    kind: 'misconfigured',
    says: `Redis at $address has no database of that number: correct the address; ${again}.`,
  },
  {
    marks: /cluster support disabled/,
    code: 'NOCLUSTER',
    kind: 'misconfigured',
    says: `Redis at $address is not a Cluster: write redis:// instead of cluster://; ${again}.`,
  },
  {
    marks: /CROSSSLOT|\bMOVED /,
    code: 'MOVED',
    kind: ({ isCluster }) => (isCluster ? 'transient' : 'misconfigured'),
    says: ({ address, isCluster }) =>
      isCluster
        ? `The Cluster at ${address} moved the keys to another node: reconnecting there.`
        : `Redis at ${address} is a node of a Cluster: write cluster:// instead of redis://; ${again}.`,
  },
  {
    marks: /No such master/i,
    code: 'NOMASTER',
    kind: 'misconfigured',
    says: `The sentinels at $address know no master of that name: correct the name after the last "/"; ${again}.`,
  },
  {
    marks: /Unknown RESP type|Protocol error|wrong version number|packet length too long|HTTP\/1/i,
    code: 'NOTREDIS',
    kind: 'misconfigured',
    says: `What answers at $address does not speak Redis' protocol (an HTTP server, or TLS on one side only?): correct the address, with rediss:// for TLS; ${again}.`,
  },
  {
    marks: /[A-Z_]*CERT[A-Z_]*|UNABLE_TO_[A-Z_]+|ERR_(?:TLS|SSL)_[A-Z_]+|self.signed certificate|EPROTO/i,
    code: 'TLS',
    kind: 'misconfigured',
    says: ({ address }, [what]) =>
      `No secure connection to ${address} came about (${what}): give the authority's certificate as tls.ca, or NODE_EXTRA_CA_CERTS, and the client's where Redis asks for one; ${again}.`,
  },
  {
    marks: /EACCES|EPERM/,
    kind: 'misconfigured',
    says: `This process may not connect to $address: mend the permissions of the socket; ${again}.`,
  },
];

const onServer: Rule[] = [
  {
    marks: /READONLY|MASTERDOWN|NOREPLICAS/,
    kind: 'refused',
    says: 'Redis at $address takes no writes now (a replica, or a master without enough replicas): reconnecting goes on until it does.',
  },
  {
    marks: /LOADING|CLUSTERDOWN|TRYAGAIN|\bBUSY\b|\bASK \d/,
    kind: 'transient',
    says: ({ address }, [what]) =>
      `Redis at ${address} can’t serve for the moment (${what}): this passes, and is tried again.`,
  },
  {
    marks: /max number of clients/i,
    code: 'MAXCLIENTS',
    kind: 'transient',
    says: 'Redis at $address has no room for another client: raise `maxclients`, or close what is left open; reconnecting goes on.',
  },
  {
    marks: /\bOOM\b/,
    kind: 'full',
    says: 'Redis at $address is out of memory and takes no new data: raise `maxmemory` or delete other keys; what is published stays readable.',
  },
  {
    marks: /MISCONF/,
    kind: 'diskFailing',
    says: 'Redis at $address can’t save to its disk and takes no writes: look at its log and free the disk; what is published stays readable.',
  },
];

const onTheWay: Rule[] = [
  {
    marks: /All sentinels are unreachable/,
    code: 'NOSENTINEL',
    kind: 'unreachable',
    says: 'No sentinel at $address answers: start one or correct the address; reconnecting goes on.',
  },
  {
    marks: /Command timed out/,
    code: 'TIMEOUT',
    kind: 'timeout',
    says: 'Redis at $address did not answer in time: the command may have run.',
  },
  {
    marks: /Socket timeout/,
    code: 'SILENT',
    kind: 'unreachable',
    says: 'Redis at $address went silent with the connection open, which was closed: reconnecting goes on.',
  },
  {
    marks: /ECONNREFUSED/,
    kind: 'unreachable',
    says: 'Nothing listens at $address: start Redis there or correct the address; reconnecting goes on.',
  },
  {
    marks: /ENOTFOUND|EAI_AGAIN|EAI_NODATA/,
    kind: 'unreachable',
    says: 'The host name in $address can’t be resolved: correct the address, or look at DNS; reconnecting goes on.',
  },
  {
    marks: /ENOENT/,
    kind: 'unreachable',
    says: 'There is no socket at $address: start Redis or correct the path; reconnecting goes on.',
  },
  {
    marks: /ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN/,
    kind: 'unreachable',
    says: ({ address }) => {
      const hint = /^\w+s:/.test(address) ? ', and whether TLS is spoken there' : '';
      return `No connection to ${address} came about in time: look at the network, firewalls included${hint}; reconnecting goes on.`;
    },
  },
  {
    marks:
      /Connection is closed|isn't writeable|max retries per request|aborted|ECONNRESET|EPIPE|ECONNABORTED|socket hang up|disconnected before secure|closed/i,
    code: 'CLOSED',
    kind: 'unreachable',
    says: 'The connection to $address is closed: reconnecting goes on.',
  },
];

export const rules: readonly Rule[] = [...misconfigured, ...onServer, ...onTheWay];
