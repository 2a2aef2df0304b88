/** Where backups lie: a folder, a bucket. Files are only ever added whole and removed whole. */
import type { Clock } from './clock.js';

/** Where a store is; what proves who we are is never part of it. */
export type StorePlace =
  | { readonly kind: 'directory'; readonly path: string }
  | {
      readonly kind: 's3';
      /** `https://host:port`; the bucket stands in the path. */
      readonly endpoint: string;
      readonly bucket: string;
      /** The folder in the bucket; empty = none. With or without a `/` at its end. */
      readonly prefix: string;
      readonly region: string;
      /** Path of a file with `aws_access_key_id` and `aws_secret_access_key`; absent = the environment, then AWS's own file. */
      readonly credentials?: string;
    };

export type StoreKind = StorePlace['kind'];

export interface Store {
  /** For people: a path or `s3://bucket/prefix`; no secrets. */
  readonly place: string;
  /** Whole files only, in the order of their names; somebody else's files included. A folder that is not there yet is empty. */
  readonly list: (signal?: AbortSignal) => Promise<readonly StoredFile[]>;
  /** Ends with a WorldError `store-file-missing` when there is no such file. */
  readonly read: (file: string, options?: ReadOptions) => AsyncIterable<Uint8Array>;
  /**
   * Adds the file. What an earlier, interrupted put left is continued; a file that is there with the same bytes is
   * left, one with other bytes is never replaced (WorldError `store-file-differs`). Until the last byte is there and
   * the checksum holds, `list` does not show it.
   */
  readonly put: (file: string, source: Source, options?: PutOptions) => Promise<Put>;
  /** Removing what is not there is no error. */
  readonly remove: (file: string, signal?: AbortSignal) => Promise<void>;
  /** What interrupted puts left. */
  readonly unfinished: (signal?: AbortSignal) => Promise<readonly Unfinished[]>;
  readonly abandon: (unfinished: Unfinished, signal?: AbortSignal) => Promise<void>;
  /** Connections that are kept. */
  readonly close: () => void;
}

export interface ReadOptions {
  readonly fromByte?: number;
  readonly signal?: AbortSignal;
}

export interface StoredFile {
  readonly file: string;
  readonly bytes: number;
  /** UTC, ISO 8601. */
  readonly changedUtc: string;
}

export interface Source {
  readonly bytes: number;
  /** Of the whole: bytes that do not give it are never put in place. */
  readonly sha256: string;
  readonly read: (signal?: AbortSignal) => AsyncIterable<Uint8Array>;
}

export interface PutOptions {
  readonly limitBytesPerSecond?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  /** That are at the far end, those of an earlier put included. */
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface Put {
  /** Bytes that an earlier put had brought there; all of them when the file was there. */
  readonly keptBytes: number;
  /** How the far end was checked: read back and hashed, or by the checksum that the server made of what it holds. */
  readonly checked: 'read-back' | 'server-checksum';
}

export interface Unfinished {
  readonly file: string;
  /** When it was last added to; UTC, ISO 8601. */
  readonly changedUtc: string;
  /** How the store knows it. */
  readonly id: string;
}

/** One kind of store. */
export interface StoreDriver {
  readonly name: StoreKind;
  /** Reads credentials; connects to nothing yet. */
  readonly open: (place: StorePlace, world: StoreWorld) => Store;
}

export interface StoreWorld {
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
}
