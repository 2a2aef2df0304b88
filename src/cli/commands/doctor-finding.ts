import type { NodeSpec } from '../../core/drill.js';
import type { Answer, MemberStatus } from '../../core/registry.js';
import type { TargetBinding } from '../../core/target.js';
import type { Bilingual } from '../../core/text.js';

export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  /** Nothing wrong, but worth knowing. */
  readonly optional?: boolean;
  readonly text: Bilingual;
  readonly fix: Bilingual | null;
}

/** One node as it answered; `who` is null where it did not tell what it is. */
export interface Asked {
  readonly node: NodeSpec;
  readonly who: Pick<TargetBinding, 'product' | 'version' | 'clusterId'> | null;
  readonly status: Answer<MemberStatus>;
}
