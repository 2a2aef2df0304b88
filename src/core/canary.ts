/** How canary entries look, so that traffic, the ledger and the clean-up agree on what is ours. */

const CANARY_PREFIX = 'firedrill-canary';

/** Service names of a run: `firedrill-canary-<run>-00` …; `-scratch` for functional probes. */
export const canaryService = (runId: string, index: number): string =>
  `${CANARY_PREFIX}-${canaryKey(runId)}-${String(index).padStart(2, '0')}`;
export const scratchService = (runId: string): string => `${CANARY_PREFIX}-${canaryKey(runId)}-scratch`;
export const isCanaryOf = (runId: string, service: string): boolean =>
  service.startsWith(`${CANARY_PREFIX}-${canaryKey(runId)}-`);
export const isCanary = (service: string): boolean => service.startsWith(`${CANARY_PREFIX}-`);

/** Date, time and random tail of the run id `20261122T101500Z-…-7f3a` → `1122101500-7f3a`. */
const canaryKey = (runId: string): string => `${runId.slice(4, 8)}${runId.slice(9, 15)}-${runId.slice(-4)}`;

/** A registration as the seed draws it (§1.3), with our version in the metadata. */
export function canaryValue(instance: {
  readonly ip: string;
  readonly port: number;
  readonly version: number;
}): string {
  return JSON.stringify({ ip: instance.ip, port: instance.port, status: 'UP', metadata: { canary: instance.version } });
}

/** The version a canary wrote, or null when the value is not a canary's. */
export function canaryVersion(value: string): number | null {
  const match = /"canary":(\d+)\}\}$/.exec(value);
  return match === null ? null : Number(match[1]);
}
