import { resolve } from 'node:path';
import type { AccessFiles } from '../core/access.js';
import { object, optional, required } from '../core/shape-object.js';
import { bi } from '../core/text.js';
import { word } from './words.js';

/** Who Firedrill is to the registry, and whom it believes: always files, so that no drill holds a secret. */
export const accessFields = {
  credentials: optional(
    object(
      {
        file: required(
          word,
          'YAML with “user” and “password”, beside this file',
          '含“user”与“password”的 YAML，相对于本文件',
        ),
      },
      bi('credentials { file }', '凭据 { file }'),
    ),
    'user and password, in a file of their own',
    '用户名与密码，写在单独的文件中',
  ),
  tls: optional(
    object(
      {
        ca: optional(
          word,
          'PEM file of the authority that signed the servers’ certificates',
          '签发服务器证书的 CA 的 PEM 文件',
        ),
        cert: optional(word, 'PEM file of the client certificate', '客户端证书的 PEM 文件'),
        key: optional(word, 'PEM file of its key', '其私钥的 PEM 文件'),
      },
      bi('tls { ca, cert, key }', 'tls { ca, cert, key }'),
    ),
    'certificates for encrypted connections; paths are relative to this file',
    '加密连接所用的证书；路径相对于本文件',
  ),
};

type Written = Partial<Record<'ca' | 'cert' | 'key', string>>;

/** Null = the registry is asked without proof of who we are, and without certificates of its own authority. */
export function accessOf(
  dir: string,
  credentials: { readonly file: string } | undefined,
  tls: Written | undefined,
): AccessFiles | null {
  if (credentials === undefined && tls === undefined) return null;
  const { ca, cert, key } = tls ?? {};
  return {
    ...(credentials === undefined ? {} : { credentials: resolve(dir, credentials.file) }),
    ...(ca === undefined ? {} : { ca: resolve(dir, ca) }),
    ...(cert === undefined ? {} : { cert: resolve(dir, cert) }),
    ...(key === undefined ? {} : { key: resolve(dir, key) }),
  };
}
