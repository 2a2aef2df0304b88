import { expect, it } from 'vitest';
import { blocksOf, fieldOf } from '../../src/stores/s3/xml.js';

it('reads what S3 lists, keys that had to be escaped included', () => {
  const xml = '<R xmlns="x"><C><Key>a&amp;b&#x20;&#39;&lt;c</Key></C><C><Key/></C><C></C></R>';
  expect(blocksOf(xml, 'C').map((block) => fieldOf(block, 'Key'))).toEqual(["a&b '<c", null, null]);
});
