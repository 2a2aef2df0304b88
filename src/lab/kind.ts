import type { NodeSpec } from '../core/drill.js';
import type { Bilingual } from '../core/text.js';

/** What tells one practice cluster from another; everything else about a lab is the same. */
export interface LabKind {
  readonly name: string;
  readonly title: Bilingual;
  readonly product: string;
  readonly missing: () => Promise<Bilingual | null>;
  /** A node's data below `dir` (absolute): the argument by which its process is known. */
  readonly dataPath: (dir: string, node: string) => string;
  /** How long the leader must stay before the lab counts as up. */
  readonly settleMs: number;
  readonly nodes: (dir: string) => Promise<readonly NodeSpec[]>;
}

export const NODE_NAMES = ['n1', 'n2', 'n3'] as const;
export const local = (port: number): string => `http://127.0.0.1:${port}`;
