// What the owners of a practice cluster's demo services do when they are started again: each registers itself. In your
// own drill, put here what restarts your services, such as `kubectl rollout restart deployment`.
// 练习集群示例服务的所有者重启后各自重新注册。在你自己的演练中，换成重启你的服务的命令。
const OWNERS = {
  'order-service': ['10.0.1.11:8081', '10.0.1.12:8081', '10.0.1.13:8081'],
  'user-service': ['10.0.2.11:8082', '10.0.2.12:8082'],
  'payment-service': ['10.0.3.11:8083', '10.0.3.12:8083'],
};

const { FIREDRILL_ENDPOINTS = '', FIREDRILL_PREFIX = '/services/' } = process.env;
const endpoints = FIREDRILL_ENDPOINTS.split(',');
const base64 = (text) => Buffer.from(text).toString('base64');

async function register(service, address) {
  const [ip, port] = address.split(':');
  const value = { ip, port: Number(port), status: 'UP', metadata: { version: 'v1.0', zone: 'zone-a' } };
  const body = { key: base64(`${FIREDRILL_PREFIX}${service}/${address}`), value: base64(JSON.stringify(value)) };
  for (const endpoint of endpoints) {
    const answer = await fetch(`${endpoint}/v3/kv/put`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(2_000),
    }).catch(() => null);
    if (answer?.ok) return;
  }
  throw new Error(`${service} ${address}: no endpoint took the registration`);
}

const all = Object.entries(OWNERS).flatMap(([service, addresses]) => addresses.map((address) => [service, address]));
await Promise.all(all.map(([service, address]) => register(service, address)));
console.log(`${all.length} instances registered`);
