/** The recovery plan file. What this version reads: levels, roles, contacts, milestones, objective presets. */
import type { Level } from './drill.js';
import type { Text } from './text.js';

export interface RecoveryPlan {
  readonly apiVersion: 'firedrill/v1';
  readonly version: string;
  readonly title: Text;
  readonly levels: Readonly<Record<Level, LevelSpec>>;
  readonly roles: Readonly<Record<string, { readonly title: Text; readonly duty: Text }>>;
  readonly contacts: readonly Contact[];
  readonly milestones: readonly Milestone[];
  readonly presets: Readonly<Record<string, ObjectivePreset>>;
}

export interface LevelSpec {
  readonly title: Text;
  readonly scope: Text;
  /** null = within working hours. */
  readonly responseMs: number | null;
  readonly response: Text;
  readonly recoveryTargetMs: number;
  readonly owner: Text;
  /** Problem deadline after the end of the run: a span, a calendar month, or none. */
  readonly deadline:
    | { readonly kind: 'span'; readonly ms: number }
    | { readonly kind: 'month' }
    | { readonly kind: 'none' };
  readonly example: Text;
}

export interface Contact {
  readonly name: string;
  readonly role: string;
  readonly reach: string;
  /** ISO date of the last confirmation. */
  readonly confirmedAt?: string;
}

export interface Milestone {
  /** `T+5m` */
  readonly id: string;
  readonly atMs: number;
  readonly title: Text;
}

export interface ObjectivePreset {
  readonly title: Text;
  readonly rtoMs: number;
  readonly rpoMs: number;
  /** Cost against a plain set-up, and complexity (seed §7.1), for the report. */
  readonly cost?: Text;
}
