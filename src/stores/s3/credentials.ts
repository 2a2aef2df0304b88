import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WorldError } from '../../core/errors.js';
import { bi } from '../../core/text.js';

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Where they were found, for people: never what they are. */
  readonly from: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** The file that the tier names; without one the environment, then AWS's own file. Throws WorldError. */
export function s3Credentials(file: string | undefined, env: Env): S3Credentials {
  if (file !== undefined) return must(inFile(file, env), file);
  const fromEnv = credentialsOf(
    {
      aws_access_key_id: env.AWS_ACCESS_KEY_ID,
      aws_secret_access_key: env.AWS_SECRET_ACCESS_KEY,
      aws_session_token: env.AWS_SESSION_TOKEN,
    },
    'AWS_ACCESS_KEY_ID',
  );
  if (fromEnv !== null) return fromEnv;
  const shared = env.AWS_SHARED_CREDENTIALS_FILE ?? join(env.HOME ?? '', '.aws', 'credentials');
  return must(inFile(shared, env), shared);
}

function must(found: S3Credentials | null, looked: string): S3Credentials {
  if (found !== null) return found;
  throw new WorldError({
    code: 'credentials-missing',
    message: bi(`no S3 credentials were found in ${looked}`, `在 ${looked} 中未找到 S3 凭据`),
    hint: bi(
      'the file holds `aws_access_key_id = …` and `aws_secret_access_key = …`; or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
      '该文件应包含 `aws_access_key_id = …` 与 `aws_secret_access_key = …`；或设置 AWS_ACCESS_KEY_ID 与 AWS_SECRET_ACCESS_KEY',
    ),
  });
}

/** The lines of the profile that AWS_PROFILE names, or of `default`; lines before any profile count for each. */
function inFile(path: string, env: Env): S3Credentials | null {
  const wanted = env.AWS_PROFILE ?? 'default';
  const fields: Record<string, string> = {};
  let profile = wanted;
  for (const line of linesOf(path)) {
    const section = /^\s*\[\s*(.+?)\s*\]\s*$/.exec(line)?.[1];
    if (section !== undefined) profile = section;
    const [, name, value] = /^\s*([a-z_]+)\s*=\s*(\S+)\s*$/.exec(line) ?? [];
    if (profile === wanted && name !== undefined && value !== undefined) fields[name] = value;
  }
  return credentialsOf(fields, path);
}

function credentialsOf(fields: Env, from: string): S3Credentials | null {
  const { aws_access_key_id: id, aws_secret_access_key: secret, aws_session_token: token } = fields;
  if (!id || !secret) return null;
  return { accessKeyId: id, secretAccessKey: secret, from, ...(token ? { sessionToken: token } : {}) };
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new WorldError({
      code: 'secret-unreadable',
      message: bi(`Cannot read ${path}: ${why}.`, `无法读取 ${path}：${why}。`),
    });
  }
}
