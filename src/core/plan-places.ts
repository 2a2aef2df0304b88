/** Where the registry and its backups are: sites and tiers of the recovery plan. Paths are as in the file. */
import type { Text } from './text.js';

/** Seed §4.2. `leastDelayMs` 0 = only the upper limit is said. */
export interface Distance {
  readonly title: Text;
  readonly range: Text;
  readonly leastDelayMs: number;
  readonly mostDelayMs: number;
  readonly against: Text;
}

/** Seed §4.3. */
export interface SyncMode {
  readonly title: Text;
  readonly lagMs: number;
  /** Of the entries, equal at both sites: 0…1; null = the mode promises none. */
  readonly equalShare: number | null;
  readonly for: Text;
}

export interface Site {
  readonly title: Text;
  readonly role: 'primary' | 'standby';
  /** Of `distances`; absent = the primary itself, or not said. */
  readonly distance?: string;
  /** Usual added network delay, from the distance unless the site says its own; null = not said. */
  readonly delayMs: number | null;
  /** How the site is kept like the primary; a mode of `syncModes` with the site's own limits put in. Null = it is not. */
  readonly sync: { readonly mode: string; readonly lagMs: number; readonly equalShare: number | null } | null;
}

export type TierEncryption =
  /** age: a file with recipients to encrypt to; the identity file is needed to read again. */
  | { readonly kind: 'recipients'; readonly file: string; readonly identityFile?: string }
  | { readonly kind: 'passphrase'; readonly file: string }
  /** Plain text, and why: an issue of its own. */
  | { readonly kind: 'none'; readonly reason: Text };

interface TierCommon {
  readonly title: Text;
  readonly for: Text;
  /** Null = for ever. */
  readonly keepMs: number | null;
  /** Seed §9.4: do copies here count as copies in another place? */
  readonly countsAsAnotherPlace: boolean;
  /** A name of `sites`. */
  readonly site?: string;
  readonly encryption: TierEncryption;
}

export interface DirectoryTier extends TierCommon {
  readonly kind: 'directory';
  /** A mounted path. */
  readonly place: string;
}

export interface S3Tier extends TierCommon {
  readonly kind: 's3';
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  /** Before every object name; empty = none. */
  readonly prefix: string;
  /** A file with the access key; absent = AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the environment. */
  readonly credentialsFile?: string;
}

export type Tier = DirectoryTier | S3Tier;
