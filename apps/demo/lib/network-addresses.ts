import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

/** Networks that are only inside this computer, or tunnels: a phone beside it is in none of them. */
const isVirtual = (name: string): boolean =>
  /^(docker|br-|veth|virbr|vmnet|vboxnet|vEthernet|utun|tun|tap|wg|tailscale|bridge)/i.test(name);

/** Under which addresses other devices find this computer, the likeliest first. */
export function networkAddresses(interfaces: Interfaces = networkInterfaces()): readonly string[] {
  const found = Object.entries(interfaces).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      // Nobody gave this computer such an address: there is no network behind it.
      .filter(({ address }) => !address.startsWith('169.254.'))
      .map(({ address }) => ({ address, isVirtual: isVirtual(name) })),
  );
  return [...found]
    .sort((a, b) => Number(a.isVirtual) - Number(b.isVirtual))
    .map(({ address }) => address);
}
