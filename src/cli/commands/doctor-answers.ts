/** What an answer that is none means, and what to do about it. */
import type { NodeSpec } from '../../core/drill.js';
import { type Bilingual, bi } from '../../core/text.js';
import type { Unbound } from '../target.js';

interface Sentence {
  readonly text: Bilingual;
  readonly fix: Bilingual;
}

interface Silent {
  readonly host: string;
  readonly reason: string;
  readonly where: Unbound['where'];
}

/** The first that fits; tried on the adapter's own words. */
const MEANINGS: readonly (readonly [RegExp, (silent: Silent) => Sentence])[] = [
  [/ECONNREFUSED/, ({ host }) => sentence(`nothing listens at ${host}`, `${host} 上没有程序在监听`, START)],
  [
    /ENOTFOUND|EAI_AGAIN/,
    ({ host }) => sentence(`the name of ${host} is not known`, `无法解析 ${host} 的名称`, ADDRESS),
  ],
  [
    /EHOSTUNREACH|ENETUNREACH|ETIMEDOUT/,
    ({ host }) => sentence(`no way leads to ${host}`, `无法到达 ${host}`, ADDRESS),
  ],
  [
    /HTTP request to an HTTPS server/i,
    ({ host }) =>
      sentence(`${host} speaks TLS, but its url says http://`, `${host} 使用 TLS，但 url 写的是 http://`, TLS),
  ],
  [
    /alert (?:bad certificate|certificate required|number 116|number 42)|certificate_required/i,
    ({ host }) => sentence(`${host} asks for a client certificate`, `${host} 要求客户端证书`, CLIENT_CERTIFICATE),
  ],
  [
    /wrong version number|packet length too long|EPROTO|before secure TLS connection/i,
    ({ host }) =>
      sentence(
        `${host} does not speak TLS, but its url says https://`,
        `${host} 不使用 TLS，但 url 写的是 https://`,
        PLAIN,
      ),
  ],
  [
    /common ?name/i,
    ({ host }) =>
      sentence(
        `${host} refuses a client certificate with a common name, which etcd’s JSON gateway cannot pass on`,
        `${host} 拒绝带有通用名（CN）的客户端证书，etcd 的 JSON 网关无法传递它`,
        NO_NAME,
      ),
  ],
  [
    /certificate|self.signed|unable to (?:get|verify)/i,
    ({ host, reason }) =>
      sentence(`the certificate of ${host} is not trusted: ${reason}`, `不信任 ${host} 的证书：${reason}`, AUTHORITY),
  ],
  [
    /invalid user ID or password|authentication failed|AUTH_FAILED|wrong password/i,
    ({ host }) => sentence(`${host} refuses this user and password`, `${host} 拒绝该用户名和密码`, PASSWORD),
  ],
  [
    /user name is empty|invalid auth token|unauthenticated|^401/i,
    ({ host }) => sentence(`${host} wants a login, and none was given`, `${host} 需要登录，但未提供凭据`, CREDENTIALS),
  ],
  [
    /permission denied|NO_AUTH|^403/i,
    ({ host, where }) =>
      sentence(
        `${host} does not allow ${where.access?.credentials === undefined ? 'reading without a login' : 'this user to read'} below ${where.prefix}`,
        `${host} 不允许${where.access?.credentials === undefined ? '未登录者' : '该用户'}读取 ${where.prefix} 之下的内容`,
        CREDENTIALS,
      ),
  ],
  [
    /no answer within/,
    ({ host, reason }) =>
      sentence(
        `${host} takes the connection or drops it, and says nothing: ${reason}`,
        `${host} 不作应答：${reason}`,
        HANGS,
      ),
  ],
];

export function silence(reason: string, { url }: Pick<NodeSpec, 'url'>, where: Unbound['where']): Sentence {
  const silent = { host: new URL(url).host, reason, where };
  const meaning = MEANINGS.find(([pattern]) => pattern.test(reason));
  if (meaning !== undefined) return meaning[1](silent);
  return sentence(
    `what answers at ${silent.host} is no ${where.registry}: ${reason}`,
    `${silent.host} 上应答的不是 ${where.registry}：${reason}`,
    ADDRESS,
  );
}

const sentence = (en: string, zh: string, fix: Bilingual): Sentence => ({ text: bi(en, zh), fix });

const START = bi('Start the node, or correct its `url`.', '请启动该节点，或更正其 `url`。');
const ADDRESS = bi('Correct the `url` of the node.', '请更正该节点的 `url`。');
const TLS = bi(
  'Write https:// in `url`, and name the certificate of its authority: `tls: { ca: FILE }`.',
  '请在 `url` 中写 https://，并给出其签发机构的证书：`tls: { ca: 文件 }`。',
);
const PLAIN = bi('Write http:// in `url`.', '请在 `url` 中写 http://。');
const CLIENT_CERTIFICATE = bi(
  'Name one with its key: `tls: { cert: FILE, key: FILE }`.',
  '请给出证书及其私钥：`tls: { cert: 文件, key: 文件 }`。',
);
const NO_NAME = bi(
  'Name one without a common name: `tls: { cert: FILE, key: FILE }`.',
  '请改用没有通用名的证书：`tls: { cert: 文件, key: 文件 }`。',
);
const AUTHORITY = bi(
  'Name the certificate of the authority that signed it: `tls: { ca: FILE }`.',
  '请给出签发它的机构的证书：`tls: { ca: 文件 }`。',
);
const PASSWORD = bi(
  'Correct the file that the target names under `credentials`.',
  '请更正目标 `credentials` 所指的文件。',
);
const CREDENTIALS = bi(
  'Name a file with `user` and `password` of somebody who may: `credentials: { file: FILE }`.',
  '请给出有权限者的 `user` 与 `password` 文件：`credentials: { file: 文件 }`。',
);
const HANGS = bi(
  'See whether the node hangs or is frozen, has lost its majority, or a firewall drops the packets.',
  '请检查节点是否卡住或被冻结、是否失去多数，或防火墙是否丢弃了报文。',
);
