import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingS3 } from '../setup/s3.js';
import { type CliHome, cliHome } from '../support/cli.js';
import { type S3Server, s3Server } from '../support/s3-server.js';
import { bytesBelow, folderWith, killAndContinue, planWith } from './killed-copy.js';

const MIB = 1024 * 1024;

describe.skipIf(missingS3() !== null)('a copy to a real S3 server, by the command line', () => {
  let home: CliHome;
  let server: S3Server;
  let bucket: string;
  let plan: string;
  beforeAll(async () => {
    home = cliHome(22_200);
    server = await s3Server(22_072);
    bucket = server.bucket('backups');
    plan = planWith(
      home,
      `  object:
    kind: s3
    title: S3
    endpoint: ${server.endpoint}
    bucket: backups
    prefix: registry
    keep: 90d
    for: test
    countsAsAnotherPlace: true
    encryption: { none: a test }`,
    );
  });
  afterAll(async () => {
    await home.dispose();
    await server.dispose();
  });

  it.each([9, 17])('killed with SIGKILL after %d MiB goes on and ends in the same bytes', async (mib) => {
    const { archive, bytes, from } = folderWith(home, 24 * MIB + mib, mib);
    const args = [archive.file, '--from', from, '--to', 'object', '--plan', plan];
    const arrivedBytes = (): number => bytesBelow(bucket, /\/multipart\/.*\/\d+$/);
    const seen = await killAndContinue(home, args, {
      arrivedBytes,
      atLeast: Math.floor(mib / 8) * 8 * MIB,
      env: server.env,
    });
    expect(seen).toEqual({
      ...seen,
      keptBytes: expect.toSatisfy((kept: number) => kept >= Math.floor(mib / 8) * 8 * MIB && kept < bytes.length),
      checked: 'server-checksum',
    });
    expect(server.plain('backups', `registry/${archive.file}`).equals(bytes)).toBe(true);
    const list = await home.start(['backup', 'list', '--tiers', '--plan', plan, '--json'], { env: server.env }).ended;
    expect(list.stdout).toContain(archive.file);
    expect(JSON.parse(list.stdout)).toMatchObject({ tiers: [{ unusable: [] }] });
    expect(list.stdout + list.stderr).not.toContain(server.env.AWS_ACCESS_KEY_ID);
  });
});
