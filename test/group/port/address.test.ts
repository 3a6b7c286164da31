import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressOf, covers, overlaps, placeOf } from '../../../src/group/port/address.ts';

describe('the address that a host stands for', () => {
  const SAME: readonly (readonly [address: string | undefined, ...hosts: string[]])[] = [
    ['loopback', 'localhost', 'LOCALHOST', 'LocalHost.', '127.0.0.1', '127.1', '::1', '[::1]'],
    ['loopback', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', '::FFFF:7f00:1', 'app.localhost', ' localhost '],
    ['any', '0.0.0.0', '::', '[::]', '0', '::0', '0:0:0:0:0:0:0:0', '::ffff:0.0.0.0', ''],
    ['10.0.0.5', '10.0.0.5', '::ffff:10.0.0.5', '::ffff:a00:5'],
    ['127.0.0.2', '127.0.0.2', '127.2'],
    ['2001:db8::1', '2001:db8::1', '2001:DB8:0:0:0:0:0:1', '[2001:0db8::0001]'],
    ['fe80::1%eth0', 'fe80::1%eth0', 'FE80:0::1%eth0'],
    [undefined, 'shop', 'shop.example', 'SHOP.', 'localhost.example', 'face', 'a.b'],
  ];
  for (const [address, ...hosts] of SAME) {
    test(`${address ?? 'a name'}: ${hosts.join(', ')}`, () => {
      assert.deepEqual(
        hosts.map(addressOf),
        hosts.map(() => address),
      );
    });
  }
});

test('all addresses cover each, and no other covers another', () => {
  assert.equal(covers('any', 'loopback'), true);
  assert.equal(covers('any', 'any'), true);
  assert.equal(covers('loopback', 'any'), false);
  assert.equal(covers('10.0.0.5', 'loopback'), false);
  assert.equal(overlaps('loopback', 'any'), true);
  assert.equal(overlaps('10.0.0.5', 'loopback'), false);
});

test('endpoints that can take over from each other share one place, however they are written', () => {
  const place = (host: string, port = 9464) => placeOf({ network: 'n', host, port });
  for (const host of ['LOCALHOST', '127.0.0.1', '::1', '0.0.0.0', '::']) {
    assert.equal(place(host), place('localhost'), host);
  }
  assert.notEqual(place('localhost', 9465), place('localhost'));
  assert.notEqual(place('10.0.0.5'), place('localhost'));
  assert.equal(place('Shop'), place('shop'));
});
