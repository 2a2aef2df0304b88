/** What a fresh lab holds, after seed §1.3: three services and the two settings of the heartbeat. */
const SERVICES = { 'order-service': 3, 'user-service': 2, 'payment-service': 2 } as const;
const SETTINGS = { heartbeat: '30s', lease: '90s' } as const;

export interface DemoEntry {
  readonly key: string;
  readonly value: string;
}

export const DEMO_DATA: readonly DemoEntry[] = [
  ...Object.entries(SERVICES).flatMap(([service, instances], s) =>
    Array.from({ length: instances }, (_, i) => instance(service, { subnet: s + 1, host: 11 + i, port: 8081 + s })),
  ),
  ...Object.entries(SETTINGS).map(([name, value]) => ({ key: `/settings/${name}`, value })),
];

function instance(
  service: string,
  { subnet, host, port }: { readonly subnet: number; readonly host: number; readonly port: number },
): DemoEntry {
  const ip = `10.0.${subnet}.${host}`;
  const value = JSON.stringify({ ip, port, status: 'UP', metadata: { version: 'v1.0', zone: 'zone-a' } });
  return { key: `/services/${service}/${ip}:${port}`, value };
}
