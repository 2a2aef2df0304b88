/** The shapes of `snapshot.json` and `manifest.json`, checked. */
import { Ajv, type ValidateFunction } from 'ajv';
import type { Snapshot } from '../core/backup.js';
import type { Manifest } from './archive-parts.js';

const text = { type: 'string' } as const;
const count = { type: 'integer', minimum: 0 } as const;
const textOrNull = { type: ['string', 'null'] } as const;

/** All named properties, and no others. */
const exactly = (properties: Readonly<Record<string, object>>): object => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const listOf = (items: object): object => ({ type: 'array', items });

const UTC = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$' } as const;

const snapshotSchema = exactly({
  backup_time: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d$' },
  version: { const: '1.0' },
  services: listOf(
    exactly({
      name: text,
      instances: listOf(
        exactly({
          ip: textOrNull,
          port: { type: ['number', 'null'] },
          status: text,
          id: text,
          metadata: { type: 'object' },
          leased: { type: 'boolean' },
          raw: text,
        }),
      ),
    }),
  ),
  backup_time_utc: UTC,
  time_zone: text,
  registry: exactly({
    kind: text,
    product: text,
    version: text,
    cluster_id: textOrNull,
    revision: count,
    node: text,
  }),
  settings: listOf(exactly({ name: text, value: text })),
  access_rules: exactly({ state: { enum: ['listed', 'not-applicable'] }, reason: text, rules: { type: 'array' } }),
});

const manifestSchema = exactly({
  format: { const: 'firedrill-backup' },
  format_version: { const: '1.0' },
  type: { const: 'full' },
  backup_time_utc: UTC,
  product: text,
  product_version: text,
  cluster_id: textOrNull,
  revision: count,
  stable: { type: 'boolean' },
  settings_listed: { type: 'boolean' },
  counts: exactly({ services: count, instances: count, durable: count, settings: count }),
  native: text,
  parts: listOf(exactly({ name: text, bytes: count, sha256: text })),
});

const ajv = new Ajv({ allowUnionTypes: true });
let snapshotCheck: ValidateFunction<Snapshot> | undefined;
let manifestCheck: ValidateFunction<Manifest> | undefined;

/** Throws with the first thing that is wrong. Compiled at first use: most commands never open an archive. */
export function parseSnapshot(bytes: Uint8Array): Snapshot {
  snapshotCheck ??= ajv.compile<Snapshot>(snapshotSchema);
  return parse('snapshot.json', bytes, snapshotCheck);
}

export function parseManifest(bytes: Uint8Array): Manifest {
  manifestCheck ??= ajv.compile<Manifest>(manifestSchema);
  return parse('manifest.json', bytes, manifestCheck);
}

function parse<T>(name: string, bytes: Uint8Array, check: ValidateFunction<T>): T {
  const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
  if (check(value)) return value;
  throw new Error(`${name}: ${ajv.errorsText(check.errors, { dataVar: '$' })}`);
}
