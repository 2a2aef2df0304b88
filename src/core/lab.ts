import type { NodeSpec } from './drill.js';
import type { Bilingual } from './text.js';

/** A practice cluster. Its data lives in the state folder; `up` returns when it takes writes. */
export interface Lab {
  readonly name: string;
  readonly title: Bilingual;
  readonly product: string;
  readonly driver: 'process';
  /** null = can be had here; else what is missing and how to get it. */
  readonly missing: () => Promise<Bilingual | null>;
  /** Harmless when it is up already. One that fails, or is interrupted through the signal, leaves nothing of its own. */
  readonly up: (stateRoot: string, signal?: AbortSignal) => Promise<LabState>;
  /** Stops its processes and removes its files; false = it was not up. */
  readonly down: (stateRoot: string) => Promise<boolean>;
  /** What runs now, looked up in the world; null = down. */
  readonly state: (stateRoot: string) => Promise<LabState | null>;
}

export interface LabState {
  readonly name: string;
  readonly product: string;
  readonly nodes: readonly (NodeSpec & { readonly pid: number | null })[];
}
