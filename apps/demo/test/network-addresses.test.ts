import type { NetworkInterfaceInfo } from 'node:os';
import { expect, it } from 'vitest';
import { networkAddresses } from '../lib/network-addresses.ts';

const ipv4 = (address: string, internal = false): NetworkInterfaceInfo => ({
  address,
  internal,
  family: 'IPv4',
  netmask: '255.255.255.0',
  mac: '00:00:00:00:00:00',
  cidr: null,
});

it('the address of a network with other devices goes before those of this computer alone', () => {
  const found = networkAddresses({
    lo: [ipv4('127.0.0.1', true)],
    docker0: [ipv4('172.17.0.1')],
    utun3: [ipv4('100.64.0.7')],
    en0: [ipv4('192.168.1.20')],
  });
  expect(found).toEqual(['192.168.1.20', '172.17.0.1', '100.64.0.7']);
});

it('there is none without a network', () => {
  expect(networkAddresses({ lo: [ipv4('127.0.0.1', true)], en0: [ipv4('169.254.3.4')] })).toEqual(
    [],
  );
});
