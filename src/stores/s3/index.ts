import { invariant } from '../../core/errors.js';
import type { Store, StoreDriver } from '../../core/store.js';
import { openClient } from './client.js';
import { s3Credentials } from './credentials.js';
import { type Bucket, keyOf, listObjects, readObject, removeObject } from './objects.js';
import { putFile } from './put.js';
import { abortUpload, listParts, listUploads } from './uploads.js';

/** Any endpoint that speaks S3; the bucket stands in the path. */
export const s3: StoreDriver = {
  name: 's3',
  open: (place, { clock, env }) => {
    invariant(place.kind === 's3', 'the place is in S3');
    const { endpoint, bucket: name, region } = place;
    const prefix = place.prefix === '' || place.prefix.endsWith('/') ? place.prefix : `${place.prefix}/`;
    const credentials = s3Credentials(place.credentials, env);
    const client = openClient({ endpoint, bucket: name, region, credentialsFrom: credentials.from }, credentials);
    const bucket: Bucket = { client, prefix, place: `s3://${name}/${prefix}` };
    const fileOf = (key: string): string => key.slice(prefix.length);
    const store: Store = {
      place: bucket.place,
      list: async (signal) =>
        (await listObjects(bucket, prefix, signal)).map(({ key, bytes, changedUtc }) => ({
          file: fileOf(key),
          bytes,
          changedUtc,
        })),
      read: (file, options) => readObject(bucket, file, options ?? {}),
      put: (file, source, options) => putFile(bucket, file, { source, options: options ?? {}, clock }),
      remove: (file, signal) => removeObject(bucket, keyOf(bucket, file), signal),
      unfinished: (signal) => unfinishedIn(bucket, signal),
      abandon: ({ file, id }, signal) => abortUpload(bucket, { key: keyOf(bucket, file), id }, signal),
      close: client.close,
    };
    return store;
  },
};

async function unfinishedIn(bucket: Bucket, signal: AbortSignal | undefined): ReturnType<Store['unfinished']> {
  const uploads = await listUploads(bucket, bucket.prefix, signal);
  const ours = uploads.filter(({ key }) => !key.slice(bucket.prefix.length).includes('/'));
  return Promise.all(
    ours.map(async (upload) => {
      const times = (await listParts(bucket, upload, signal)).map(({ changedUtc }) => changedUtc);
      const changedUtc = [upload.startedUtc, ...times].sort().at(-1) ?? upload.startedUtc;
      return { file: upload.key.slice(bucket.prefix.length), changedUtc, id: upload.id };
    }),
  );
}
