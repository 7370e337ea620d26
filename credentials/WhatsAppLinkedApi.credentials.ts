import type { ICredentialType, Icon, INodeProperties } from 'n8n-workflow';
import { historyFields } from '../src/history/fields';
import { safetyFields } from '../src/safety/fields';

/** One linked number. Whoever may use this credential may act as the number, nobody else. */
export class WhatsAppLinkedApi implements ICredentialType {
	name = 'whatsAppLinkedApi';

	displayName = 'WhatsApp Linked Device API';

	icon: Icon = {
		light: 'file:../nodes/WhatsAppLinked/whatsAppLinked.svg',
		dark: 'file:../nodes/WhatsAppLinked/whatsAppLinked.dark.svg',
	};

	documentationUrl =
		'https://github.com/n8n-nodes-whatsapp-linked/n8n-nodes-whatsapp-linked#link-your-number';

	properties: INodeProperties[] = [
		{
			displayName:
				'Press <b>Save</b>. The test below then shows how to link your number: under <b>More details</b> there is a QR code to scan with WhatsApp > Linked devices.',
			name: 'linkNotice',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'Phone Number',
			name: 'phoneNumber',
			type: 'string',
			default: '',
			placeholder: 'e.g. +1 555 010 0123',
			description:
				'Optional. With your own number you get an eight-character code to type on the phone instead of scanning a QR code; it works on every screen and in dark mode.',
		},
		{
			displayName: 'Device Name',
			name: 'deviceName',
			type: 'string',
			default: 'n8n',
			description: 'The name that the phone shows under Linked devices',
		},
		{
			displayName: 'Storage',
			name: 'storage',
			type: 'options',
			default: 'automatic',
			description: 'Where the linked session and received messages are kept, encrypted',
			options: [
				{
					name: 'Automatic',
					value: 'automatic',
					description:
						"In queue mode the Redis of n8n's own queue, otherwise a file in n8n's user folder",
				},
				{
					name: 'Embedded',
					value: 'embedded',
					description: "A file in n8n's user folder; not for queue mode",
				},
				{
					name: 'Redis',
					value: 'redis',
					description: 'A Redis server, shared by all n8n processes',
				},
			],
		},
		{
			displayName: 'Redis Connection',
			name: 'redisConnection',
			type: 'options',
			default: 'fields',
			options: [
				{ name: 'Fields', value: 'fields' },
				{ name: 'URL', value: 'url' },
			],
			displayOptions: { show: { storage: ['redis'] } },
		},
		{
			displayName: 'Redis URL',
			name: 'redisUrl',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			placeholder: 'e.g. redis://user:password@localhost:6379/0',
			description: 'Use rediss:// for TLS and redis-cluster://host:port,host:port for a cluster',
			displayOptions: { show: { storage: ['redis'], redisConnection: ['url'] } },
		},
		{
			displayName: 'Host',
			name: 'redisHost',
			type: 'string',
			default: 'localhost',
			displayOptions: { show: { storage: ['redis'], redisConnection: ['fields'] } },
		},
		{
			displayName: 'Port',
			name: 'redisPort',
			type: 'number',
			default: 6379,
			displayOptions: { show: { storage: ['redis'], redisConnection: ['fields'] } },
		},
		{
			displayName: 'User',
			name: 'redisUser',
			type: 'string',
			default: '',
			displayOptions: { show: { storage: ['redis'], redisConnection: ['fields'] } },
		},
		{
			displayName: 'Password',
			name: 'redisPassword',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			displayOptions: { show: { storage: ['redis'], redisConnection: ['fields'] } },
		},
		{
			displayName: 'Database',
			name: 'redisDatabase',
			type: 'number',
			default: 0,
			displayOptions: { show: { storage: ['redis'], redisConnection: ['fields'] } },
		},
		{
			displayName: 'TLS',
			name: 'redisTls',
			type: 'boolean',
			default: false,
			displayOptions: { show: { storage: ['redis'], redisConnection: ['fields'] } },
		},
		{
			displayName: 'Key Prefix',
			name: 'redisPrefix',
			type: 'string',
			default: 'whatsapp-linked',
			description: 'What all keys in Redis start with',
			displayOptions: { show: { storage: ['redis'] } },
		},
		{
			displayName: 'Proxy',
			name: 'proxy',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			placeholder: 'e.g. http://proxy.example:3128',
			description: 'Optional http, https or socks5 proxy for the connection to WhatsApp',
		},
		...historyFields,
		...safetyFields,
	];
}
