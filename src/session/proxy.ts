import type { Agent } from 'node:https';

/**
 * The agent for a proxy address (http, https, socks4, socks5). Loaded on first use.
 * The address is checked by settings.ts.
 */
export async function proxyAgent(address: string): Promise<Agent> {
	if (new URL(address).protocol.startsWith('socks')) {
		const { SocksProxyAgent } = await import('socks-proxy-agent');
		return new SocksProxyAgent(address) as unknown as Agent;
	}
	const { HttpsProxyAgent } = await import('https-proxy-agent');
	return new HttpsProxyAgent(address) as unknown as Agent;
}
