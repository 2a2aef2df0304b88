/** The shapes of `snapshot.json` and `manifest.json`, checked. */
import { Ajv, type ValidateFunction } from 'ajv';
import type { Increment, Snapshot } from '../core/backup.js';
import { FORMAT_VERSIONS, type Manifest } from './manifest.js';

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

const snapshotFields = {
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
  access_rules: exactly({
    state: { enum: ['listed', 'not-applicable', 'unknown'] },
    reason: text,
    rules: { type: 'array' },
  }),
};

const instanceNames = listOf(exactly({ service: text, id: text }));

const incrementFields = { ...snapshotFields, removed: instanceNames, removed_settings: listOf(text) };

const link = exactly({ file: text, snapshot_sha256: text, revision: count, backup_time_utc: UTC });
const hash = { type: 'string', pattern: '^[0-9a-f]{64}$' } as const;
const counts = { services: count, instances: count, durable: count, settings: count };

const commonFields = {
  format: { const: 'firedrill-backup' },
  backup_time_utc: UTC,
  product: text,
  product_version: text,
  cluster_id: textOrNull,
  revision: count,
  stable: { type: 'boolean' },
  settings_listed: { type: 'boolean' },
  parts: listOf(exactly({ name: text, bytes: count, sha256: hash })),
};

const firstManifest = exactly({
  ...commonFields,
  format_version: { const: '1.0' },
  type: { const: 'full' },
  counts: exactly(counts),
  native: text,
});

const manifestFields = {
  ...commonFields,
  format_version: { const: '1.1' },
  not_stable: instanceNames,
  counts: exactly({ ...counts, removed: count }),
  state: exactly({ instances: count, durable: count, content_hash: hash, durable_hash: hash }),
};

const manifestSchema = {
  oneOf: [
    exactly({
      ...manifestFields,
      type: { const: 'full' },
      parent: { type: 'null' },
      base: { type: 'null' },
      native: text,
    }),
    exactly({ ...manifestFields, type: { const: 'incremental' }, parent: link, base: text, native: { type: 'null' } }),
  ],
};

const ajv = new Ajv({ allowUnionTypes: true });
const compiled = new Map<object, ValidateFunction>();

/** A manifest as it stands in the file: one of the first version has less to say. */
export type FirstManifest = Omit<Manifest, 'state' | 'not_stable' | 'parent' | 'base'>;

export const parseSnapshot = (bytes: Uint8Array): Snapshot => parse('snapshot.json', bytes, SNAPSHOT_SCHEMA);
export const parseIncrement = (bytes: Uint8Array): Increment => parse('snapshot.json', bytes, INCREMENT_SCHEMA);

const SNAPSHOT_SCHEMA = exactly(snapshotFields);
const INCREMENT_SCHEMA = exactly(incrementFields);

/** A newer format is told as such, and not as whatever of it we happen to stumble over. */
export function parseManifest(bytes: Uint8Array): Manifest | FirstManifest {
  const value = jsonOf(bytes);
  const version = versionIn(value);
  if (version !== null && isNewer(version)) {
    throw new Error(
      `its format ${version} is newer than ${NEWEST}, the newest that this version of Firedrill reads: use the version that made it`,
    );
  }
  const schema = version === '1.0' ? firstManifest : manifestSchema;
  return checked('manifest.json', value, schema);
}

const NEWEST = FORMAT_VERSIONS.at(-1) ?? '';

function versionIn(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('format_version' in value)) return null;
  return typeof value.format_version === 'string' ? value.format_version : null;
}

function isNewer(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [ours = 0, oursMinor = 0] = NEWEST.split('.').map(Number);
  return major > ours || (major === ours && minor > oursMinor);
}

const parse = <T>(name: string, bytes: Uint8Array, schema: object): T => checked(name, jsonOf(bytes), schema);

const jsonOf = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString('utf8'));

/** Throws with the first thing that is wrong. Compiled at first use: most commands never open an archive. */
function checked<T>(name: string, value: unknown, schema: object): T {
  const check = compiled.get(schema) ?? ajv.compile(schema);
  compiled.set(schema, check);
  if (isValid<T>(value, check)) return value;
  throw new Error(`${name}: ${ajv.errorsText(check.errors, { dataVar: '$' })}`);
}

const isValid = <T>(value: unknown, check: ValidateFunction): value is T => check(value) === true;
