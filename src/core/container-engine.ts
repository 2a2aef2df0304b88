/** The container engine (Docker, or Podman's socket), as DOCKER_HOST and the TLS variables name it. Loaded when used. */
import { createRequire } from 'node:module';
import type Docker from 'dockerode';
import { WorldError } from './errors.js';
import { type Bilingual, bi } from './text.js';
import { isOlder } from './version.js';

/** Docker 19.03; older engines lack what the faults ask for. */
const OLDEST_API = '1.40';
const ANSWERS_WITHIN_MS = 5_000;

/** The client alone: nothing is asked yet. Loaded by `require`, which works in the bundle too, where `import()` does not. */
export async function containerEngine(): Promise<Docker> {
  const Engine: typeof Docker = createRequire(import.meta.url)('dockerode');
  try {
    return new Engine();
  } catch (error) {
    throw noEngine('DOCKER_HOST', error);
  }
}

/** Asks the engine who it is; throws the one sentence that says what to do when it cannot be used. */
export async function requireEngine(): Promise<Docker> {
  const engine = await containerEngine();
  const where = await addressOf(engine);
  const { ApiVersion } = await withLimit(engine.version(), where);
  if (isOlder(ApiVersion, OLDEST_API)) throw tooOld(where, ApiVersion);
  return engine;
}

/** Null = it can be used; else the sentence and what to do. */
export async function missingEngine(): Promise<WorldError | null> {
  try {
    await requireEngine();
    return null;
  } catch (error) {
    if (error instanceof WorldError) return error;
    throw error;
  }
}

/** `unix:///var/run/docker.sock`, `tcp://…`: for messages. The client's types do not tell of these fields. */
async function addressOf({ modem }: { readonly modem: object }): Promise<string> {
  const told: { readonly host?: unknown; readonly port?: unknown; readonly getSocketPath?: unknown } = modem;
  if (typeof told.host === 'string') return `tcp://${told.host}:${told.port}`;
  const socket: unknown = typeof told.getSocketPath === 'function' ? await told.getSocketPath.call(modem) : undefined;
  return `unix://${typeof socket === 'string' ? socket : '/var/run/docker.sock'}`;
}

async function withLimit<T>(call: Promise<T>, where: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const why = new Error(`no answer within ${ANSWERS_WITHIN_MS} ms`);
    timer = setTimeout(() => reject(why), ANSWERS_WITHIN_MS);
  });
  try {
    return await Promise.race([call, late]);
  } catch (error) {
    throw noEngine(where, error);
  } finally {
    clearTimeout(timer);
  }
}

function noEngine(where: string, error: unknown): WorldError {
  const why = error instanceof Error ? error.message : String(error);
  if (codeOf(error) === 'EACCES' || codeOf(error) === 'EPERM') {
    return new WorldError({
      code: 'docker-no-permission',
      message: bi(
        `The Docker engine at ${where} may not be used by this user: ${why}`,
        `当前用户无权使用 ${where} 的 Docker 引擎：${why}`,
      ),
      hint: bi(
        'Join the group docker (`sudo usermod -aG docker $USER`, then log in again), or run as root.',
        '请加入 docker 用户组（`sudo usermod -aG docker $USER`，重新登录后生效），或以 root 运行。',
      ),
      cause: error,
    });
  }
  return new WorldError({
    code: 'docker-missing',
    message: bi(`No Docker engine answers at ${where}: ${why}`, `${where} 没有可用的 Docker 引擎：${why}`),
    hint: bi(
      'Start it (`systemctl start docker`, or `dockerd` as root), or name another one in DOCKER_HOST.',
      '请启动它（`systemctl start docker`，或以 root 运行 `dockerd`），或用 DOCKER_HOST 指定其他引擎。',
    ),
    cause: error,
  });
}

const tooOld = (where: string, version: string): WorldError =>
  new WorldError({
    code: 'docker-too-old',
    message: bi(
      `The engine at ${where} speaks API ${version}; Firedrill needs ${OLDEST_API} or newer (Docker 19.03).`,
      `${where} 的引擎使用 API ${version}；Firedrill 需要 ${OLDEST_API} 或更新（Docker 19.03）。`,
    ),
    hint: bi('Update the engine, or name a newer one in DOCKER_HOST.', '请升级引擎，或用 DOCKER_HOST 指定较新的引擎。'),
  });

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** The HTTP status with which the engine refused; null = it was not reached, or did not refuse. */
export function statusOf(error: unknown): number | null {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : null;
}

/** An engine's refusal as a sentence: what was tried, on what, and the engine's own words. */
export function engineRefused(tried: Bilingual, error: unknown): WorldError {
  if (error instanceof WorldError) return error;
  const why = wordsOf(error);
  return new WorldError({
    code: 'docker-refused',
    message: bi(`${tried.en}: ${why}`, `${tried.zh}：${why}`),
    hint: bi(
      'The engine said so; `docker ps -a` and its log tell more.',
      '以上为引擎的原话；`docker ps -a` 与引擎日志可提供更多信息。',
    ),
    cause: error,
  });
}

/** The engine's own words, without the wrapping of its client. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const json: unknown = 'json' in error ? error.json : undefined;
  if (typeof json === 'object' && json !== null && 'message' in json) return String(json.message).trim();
  return error.message.trim();
}
