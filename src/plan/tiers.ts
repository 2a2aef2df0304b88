/** Where backups are kept, how long, and behind which key (seed §2.3). */
import type { Tier, TierEncryption } from '../core/plan-places.js';
import { boolean, complain, isMapValue, line, mapped, nameOf, type Shape, text } from '../core/shape.js';
import { object, optional, recordOf, required } from '../core/shape-object.js';
import { word } from '../core/shape-words.js';
import { bi } from '../core/text.js';
import { durationOr, identifier, longSpan } from './words.js';

const FOREVER = 'forever';

const encryptionFields = object(
  {
    recipients: optional(word, 'age: file with the recipients to encrypt to', 'age：收件人公钥文件'),
    identity: optional(word, 'age: file with the key that reads again', 'age：用于解密的私钥文件'),
    passphrase: optional(word, 'age: file with a passphrase', 'age：口令文件'),
    none: optional(text, 'plain text, and why; becomes an issue', '不加密及其理由；会记为一个问题'),
  },
  bi(
    'an encryption { recipients } or { passphrase } or { none: why }',
    '加密方式 { recipients }、{ passphrase } 或 { none: 理由 }',
  ),
);

const WAYS = ['recipients', 'passphrase', 'none'] as const;

/** Exactly one way; files relative to the plan. */
export const encryption: Shape<TierEncryption> = {
  get schema() {
    return { ...encryptionFields.schema, oneOf: WAYS.map((way) => ({ required: [way] })) };
  },
  read: (place) => {
    if (place.value === 'none') return complain(place, bi('“none” needs a reason', '“none”需要写明理由'), WHY);
    const read = encryptionFields.read(place);
    if (read === undefined) return undefined;
    const ways = WAYS.filter((way) => read[way] !== undefined);
    if (ways.length !== 1) return complain(place, ONE_WAY);
    const { recipients, identity, passphrase, none } = read;
    if (identity !== undefined && recipients === undefined) return complain(place, IDENTITY_ALONE);
    if (recipients !== undefined) {
      return { kind: 'recipients', file: recipients, ...(identity === undefined ? {} : { identityFile: identity }) };
    }
    if (passphrase !== undefined) return { kind: 'passphrase', file: passphrase };
    return none === undefined ? undefined : { kind: 'none', reason: none };
  },
};

const WHY = bi('write “encryption: { none: why }”', '请写“encryption: { none: 理由 }”');
const ONE_WAY = bi('exactly one of recipients, passphrase and none', 'recipients、passphrase、none 必须恰好给出一个');
const IDENTITY_ALONE = bi('“identity” goes with “recipients”', '“identity”须与“recipients”一起使用');

const common = {
  title: required(text, 'name of the tier', '层级名称'),
  for: required(text, 'what it is for', '用途'),
  keep: required(
    durationOr<typeof FOREVER>([FOREVER], longSpan),
    'how long: a duration, or forever',
    '保留多久：时长，或 forever',
  ),
  countsAsAnotherPlace: required(boolean, 'copies here are in another place', '此处的副本是否算作异地副本'),
  site: optional(identifier, 'one of sites', 'sites 之一'),
  encryption: optional(encryption, 'instead of the plan’s own', '替代预案的加密方式'),
};

const kindOf = <const K extends string>(kind: K) =>
  required(nameOf([kind], bi('a kind of tier', '层级类型')), 'kind of store', '存储类型');

const directory = object(
  {
    kind: kindOf('directory'),
    place: required(word, 'a mounted path', '已挂载的路径'),
    ...common,
  },
  bi('a tier { kind: directory, place, … }', '层级 { kind: directory, place, … }'),
);

const endpoint = mapped(
  line(bi('a URL like https://s3.example.com', 'URL，例如 https://s3.example.com'), { pattern: '^https?://' }),
  (value, place) => {
    const url = URL.canParse(value) ? new URL(value) : null;
    if (url === null) return complain(place, bi('this is no URL', '这不是 URL'));
    const secret = url.username !== '' || url.password !== '';
    return secret ? complain(place, bi('no credentials in a URL', 'URL 中不得包含凭据'), IN_A_FILE) : value;
  },
);

const IN_A_FILE = bi('name a file with them: credentials', '请用 credentials 指定存放凭据的文件');
const bucketName = line(bi('a name of a bucket', '存储桶名称'), { pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$' });

const s3 = object(
  {
    kind: kindOf('s3'),
    endpoint: required(endpoint, 'URL of the service', '服务的 URL'),
    bucket: required(bucketName, 'the bucket', '存储桶'),
    region: optional(word, 'default us-east-1', '默认 us-east-1'),
    prefix: optional(word, 'before every object name', '对象名前缀'),
    credentials: optional(
      word,
      'file with the access key; default: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the environment',
      '存放访问密钥的文件；默认使用环境变量 AWS_ACCESS_KEY_ID 与 AWS_SECRET_ACCESS_KEY',
    ),
    ...common,
  },
  bi('a tier { kind: s3, endpoint, bucket, … }', '层级 { kind: s3, endpoint, bucket, … }'),
);

type WithoutKey<T> = T extends unknown ? Omit<T, 'encryption'> : never;
export type TierDraft = WithoutKey<Tier> & { readonly encryption?: TierEncryption };

const keepMsOf = (keep: number | typeof FOREVER): number | null => (keep === FOREVER ? null : keep);

const directoryTier: Shape<TierDraft> = mapped(directory, ({ keep, ...rest }) => ({ ...rest, keepMs: keepMsOf(keep) }));
const s3Tier: Shape<TierDraft> = mapped(s3, ({ keep, region, prefix, credentials, ...rest }) => ({
  ...rest,
  keepMs: keepMsOf(keep),
  region: region ?? 'us-east-1',
  prefix: prefix ?? '',
  ...(credentials === undefined ? {} : { credentialsFile: credentials }),
}));

const KINDS = { directory: directoryTier, s3: s3Tier } as const;
const kindName = nameOf(['directory', 's3'], bi('a kind of tier', '层级类型'));

const tier: Shape<TierDraft> = {
  get schema() {
    return { oneOf: [directory.schema, s3.schema] };
  },
  read: (place) => {
    if (!isMapValue(place.value) || !Object.hasOwn(place.value, 'kind')) return directoryTier.read(place);
    const kind = kindName.read({ ...place, path: [...place.path, 'kind'], value: place.value.kind });
    return kind === undefined ? undefined : KINDS[kind].read(place);
  },
};

export const tiers = recordOf(tier, { key: identifier, what: bi('tiers by name', '以名称为键的层级') });

/** Undefined when neither the tier nor the plan says how it is encrypted: reported by the checks of references. */
export function tierOf(draft: TierDraft, ofPlan: TierEncryption | undefined): Tier | undefined {
  const key = draft.encryption ?? ofPlan;
  return key === undefined ? undefined : { ...draft, encryption: key };
}
