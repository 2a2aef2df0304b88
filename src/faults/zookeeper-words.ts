/** What a stranger may say to a server of ZooKeeper without leaving anything there. */

/** The wish to go on with a session that does not exist, with a very long password: the server says no. */
export function unknownSession(passwordBytes: number): Uint8Array {
  const head = Buffer.alloc(4 + 4 + 8 + 4 + 8 + 4);
  head.writeInt32BE(head.length - 4 + passwordBytes + 1, 0);
  head.writeInt32BE(4_000, 16);
  head.writeBigInt64BE(-1n, 20);
  head.writeInt32BE(passwordBytes, 28);
  return Buffer.concat([head, Buffer.alloc(passwordBytes + 1)]);
}

const OBSERVER_INFO = 16;
/** None of a server of the cluster: the leader counts neither its vote nor its silence. */
const STRANGER = 1_000_000n;
const PROTOCOL = 0x10000;

/** The first packet of an observer: who it is, its protocol, and the version of the configuration it knows. */
export function observerGreeting(): Uint8Array {
  const info = Buffer.alloc(8 + 4 + 8);
  info.writeBigInt64BE(STRANGER, 0);
  info.writeInt32BE(PROTOCOL, 8);
  const head = Buffer.alloc(4 + 8 + 4);
  head.writeInt32BE(OBSERVER_INFO, 0);
  head.writeInt32BE(info.length, 12);
  const nobodyToAuthorize = Buffer.alloc(4, 0xff);
  return Buffer.concat([head, info, nobodyToAuthorize]);
}
