/** Where a server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

const USUAL_PORT = 2181;

export function addressOf(url: string): Address {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? USUAL_PORT : Number(port) };
}
