/** Which addresses are on the public Internet; everything else is never fetched on a text's behalf. */
import { BlockList, isIP, isIPv4 } from 'node:net';

const blocked = new BlockList();
// IANA's special-purpose registries: everything that is not globally reachable, and multicast.
for (const [network, bits] of [
	['0.0.0.0', 8],
	['10.0.0.0', 8],
	['100.64.0.0', 10],
	['127.0.0.0', 8],
	['169.254.0.0', 16],
	['172.16.0.0', 12],
	['192.0.0.0', 24],
	['192.0.2.0', 24],
	['192.88.99.0', 24],
	['192.168.0.0', 16],
	['198.18.0.0', 15],
	['198.51.100.0', 24],
	['203.0.113.0', 24],
	['224.0.0.0', 3],
] as const) {
	blocked.addSubnet(network, bits, 'ipv4');
}

const reachable6 = new BlockList();
// Only 2000::/3 is global unicast; of it these forms hide an IPv4 address or lead nowhere.
reachable6.addSubnet('2000::', 3, 'ipv6');
const blocked6 = new BlockList();
for (const [network, bits] of [
	['2001::', 23],
	['2001:db8::', 32],
	['2002::', 16],
	['3fff::', 20],
] as const) {
	blocked6.addSubnet(network, bits, 'ipv6');
}

/** True for an IP address that is globally reachable. */
export function isPublicAddress(address: string): boolean {
	const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
	if (isIPv4(bare)) return !blocked.check(bare, 'ipv4');
	if (isIP(bare) !== 6) return false;
	return reachable6.check(bare, 'ipv6') && !blocked6.check(bare, 'ipv6');
}
