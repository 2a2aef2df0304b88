/** One sentence for each way in which S3 says no. */
import { WorldError } from '../../core/errors.js';
import { bi } from '../../core/text.js';
import { fieldOf } from './xml.js';

/** Who was asked, for the sentences. */
export interface Asked {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  /** Where the credentials were found. */
  readonly credentialsFrom: string;
}

/** AWS says the first; Versity's gateway the last. */
const UNKNOWN_KEY = ['InvalidAccessKeyId', 'XAdminUserNotFound'];
const BAD_CREDENTIALS = [
  ...UNKNOWN_KEY,
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'InvalidToken',
  'TokenRefreshRequired',
];
const OTHER_REGION = ['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException'];

/** What a caller goes on from. */
const CODES: Readonly<Record<string, string>> = {
  NoSuchUpload: 's3-no-upload',
  PreconditionFailed: 's3-exists',
  ConditionalRequestConflict: 's3-exists',
};

export const unreachable = ({ endpoint }: Asked, why: string, cause?: unknown): WorldError =>
  new WorldError({
    code: 's3-unreachable',
    message: bi(`S3 at ${endpoint} cannot be reached: ${why}`, `无法访问 S3 服务 ${endpoint}：${why}`),
    hint: bi(
      'check the endpoint and the network; a copy that was cut off goes on when it is run again',
      '请检查 endpoint 与网络；中断的复制再次执行时会继续',
    ),
    cause,
  });

/** What the answer says is wrong; the answer itself is not shown, it can hold what was signed. */
export function refusal(
  asked: Asked,
  what: string,
  answer: { readonly status: number; readonly body: string },
): WorldError {
  const { endpoint, bucket, region, credentialsFrom } = asked;
  const code = fieldOf(answer.body, 'Code') ?? `HTTP ${answer.status}`;
  if (BAD_CREDENTIALS.includes(code)) {
    return new WorldError({
      code: 's3-credentials-refused',
      message: bi(
        `S3 at ${endpoint} does not accept the credentials (${code}), which are from ${credentialsFrom}`,
        `S3 服务 ${endpoint} 不接受来自 ${credentialsFrom} 的凭据（${code}）`,
      ),
      hint: bi('check the access key and the secret key', '请检查访问密钥与私有密钥'),
    });
  }
  if (code === 'AccessDenied' || answer.status === 403) {
    return new WorldError({
      code: 's3-access-denied',
      message: bi(
        `S3 at ${endpoint} does not allow ${what} in bucket ${bucket} (${code}) with the credentials from ${credentialsFrom}`,
        `S3 服务 ${endpoint} 不允许用来自 ${credentialsFrom} 的凭据在存储桶 ${bucket} 中执行 ${what}（${code}）`,
      ),
      hint: bi(
        'it takes the rights to list, read, write and delete objects, and to list and abort multipart uploads',
        '需要列出、读取、写入、删除对象，以及列出与中止分段上传的权限',
      ),
    });
  }
  if (code === 'NoSuchBucket') {
    return new WorldError({
      code: 's3-no-bucket',
      message: bi(`there is no bucket ${bucket} at ${endpoint}`, `${endpoint} 上没有存储桶 ${bucket}`),
      hint: bi('create it, or correct its name in the recovery plan', '请创建该存储桶，或在恢复预案中更正其名称'),
    });
  }
  if (OTHER_REGION.includes(code)) {
    return new WorldError({
      code: 's3-other-region',
      message: bi(
        `bucket ${bucket} is not in region ${region} of ${endpoint} (${code})`,
        `存储桶 ${bucket} 不在 ${endpoint} 的区域 ${region}（${code}）`,
      ),
      hint: bi('correct the region or the endpoint in the recovery plan', '请在恢复预案中更正 region 或 endpoint'),
    });
  }
  const message = fieldOf(answer.body, 'Message');
  return new WorldError({
    code: CODES[code] ?? 's3-refused',
    message: bi(
      `S3 at ${endpoint} answered ${what} with ${code}${message === null ? '' : `: ${message}`}`,
      `S3 服务 ${endpoint} 对 ${what} 的应答为 ${code}${message === null ? '' : `：${message}`}`,
    ),
  });
}
