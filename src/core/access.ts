/** How Firedrill proves who it is to a registry. Drills, plans and undo records hold paths, never the secrets. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { WorldError } from './errors.js';
import { bi } from './text.js';

/** Absolute paths, so that another process finds the same files. */
export interface AccessFiles {
  /** YAML with `user` and `password`, and perhaps `clients` with the same two. */
  readonly credentials?: string;
  /** Certificates (PEM) of the authority that signed the servers'; and our own certificate with its key. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** The contents; kept in memory only. */
export interface Secrets {
  readonly credentials?: Credentials;
  /** Who the canary clients are; absent = the same user. Who administers a registry may be bound by no rule. */
  readonly clients?: Credentials;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Reads what the files hold now. Throws WorldError that names the file, never what is in it. */
export function readSecrets(files: AccessFiles | undefined): Secrets {
  const { credentials, ca, cert, key } = files ?? {};
  return {
    ...(credentials === undefined ? {} : readCredentials(credentials)),
    ...(ca === undefined ? {} : { ca: readSecret(ca) }),
    ...(cert === undefined ? {} : { cert: readSecret(cert) }),
    ...(key === undefined ? {} : { key: readSecret(key) }),
  };
}

function readCredentials(path: string): Pick<Secrets, 'credentials' | 'clients'> {
  const read = parsed(readSecret(path));
  const credentials = credentialsIn(read);
  const named = typeof read === 'object' && read !== null && 'clients' in read;
  const clients = named ? credentialsIn(read.clients) : null;
  if (credentials !== null && (clients !== null || !named)) {
    return { credentials, ...(clients === null ? {} : { clients }) };
  }
  throw new WorldError({
    code: 'credentials-unreadable',
    message: bi(`${path} holds no user and password.`, `${path} 中没有 user 和 password。`),
    hint: bi(
      'Two lines are expected: `user: NAME` and `password: "…"`; `clients`, where given, holds the same two.',
      '应有两行：`user: 名称` 与 `password: "…"`；如有 `clients`，其中也应有这两项。',
    ),
  });
}

function credentialsIn(read: unknown): Credentials | null {
  if (typeof read !== 'object' || read === null || !('user' in read) || !('password' in read)) return null;
  const { user, password } = read;
  return typeof user === 'string' && user !== '' && typeof password === 'string' ? { user, password } : null;
}

function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch {
    // The parser quotes the text around a mistake: that would show the password.
    return null;
  }
}

function readSecret(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new WorldError({
      code: 'secret-unreadable',
      message: bi(`Cannot read ${path}: ${why}.`, `无法读取 ${path}：${why}。`),
      hint: bi(
        'The target names it under “credentials” or “tls”, relative to the file that it is in.',
        '目标的“credentials”或“tls”引用了它；路径相对于该目标所在的文件。',
      ),
    });
  }
}
