/**
 * A language model for tests: an HTTP server that speaks as much of OpenAI's interface as n8n's nodes
 * use, and says what the test has it say.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
	/** All that was said so far, tool results included, as one text a turn. */
	turns: Array<{ role: string; text: string }>;
	/** Names of the tools that it may call, with their parameters' schemas. */
	tools: Array<{ name: string; description: string; parameters: Record<string, unknown> }>;
	/** Whether a picture came along. */
	hasImage: boolean;
}

export type Says = { text: string } | { call: string; with: Record<string, unknown> };

interface ChatRequest {
	messages?: Array<{ role: string; content: unknown }>;
	input?: Array<{ role?: string; content?: unknown }>;
	tools?: Array<{ function: Asked['tools'][number] }>;
}

export class LanguageModel {
	readonly asked: Asked[] = [];
	/** What recordings are heard as. */
	transcript = '';
	readonly #server: Server;

	private constructor(private readonly says: (asked: Asked) => Says) {
		this.#server = createServer((request, response) => {
			void this.#answer(request).then(
				(body) => {
					response.setHeader('content-type', 'application/json');
					response.end(JSON.stringify(body));
				},
				(error: unknown) => {
					response.statusCode = 500;
					response.end(JSON.stringify({ error: { message: String(error) } }));
				},
			);
		});
	}

	static async start(says: (asked: Asked) => Says): Promise<LanguageModel> {
		const model = new LanguageModel(says);
		await new Promise<void>((resolve) => model.#server.listen(0, '127.0.0.1', resolve));
		return model;
	}

	/** Fields of n8n's OpenAI credential for it. */
	get credential() {
		const { port } = this.#server.address() as AddressInfo;
		return { apiKey: 'test', url: `http://127.0.0.1:${port}/v1`, header: false };
	}

	async stop(): Promise<void> {
		this.#server.closeAllConnections();
		await new Promise((resolve) => this.#server.close(resolve));
	}

	async #answer(request: IncomingMessage): Promise<object> {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const path = request.url ?? '';
		if (path.endsWith('/audio/transcriptions')) return { text: this.transcript };
		if (path.endsWith('/models')) return { data: [{ id: 'gpt-4o-mini' }] };
		const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as ChatRequest;
		const messages = body.messages ?? body.input ?? [];
		const asked: Asked = {
			turns: messages.map(({ role = '', content }) => ({ role, text: textOf(content) })),
			tools: (body.tools ?? []).map(({ function: tool }) => tool),
			hasImage: JSON.stringify(messages).includes('base64,'),
		};
		this.asked.push(asked);
		const said = this.says(asked);
		return path.endsWith('/responses') ? response(said) : completion(said, this.asked.length);
	}
}

function textOf(content: unknown): string {
	if (typeof content === 'string') return content;
	if (!Array.isArray(content)) return '';
	return (content as Array<{ text?: string }>).map(({ text }) => text ?? '').join('');
}

function completion(said: Says, turn: number): object {
	const message =
		'text' in said
			? { role: 'assistant', content: said.text }
			: {
					role: 'assistant',
					content: null,
					tool_calls: [
						{
							id: `call_${turn}`,
							type: 'function',
							function: { name: said.call, arguments: JSON.stringify(said.with) },
						},
					],
				};
	return {
		id: `completion-${turn}`,
		object: 'chat.completion',
		created: 0,
		model: 'gpt-4o-mini',
		choices: [{ index: 0, message, finish_reason: 'text' in said ? 'stop' : 'tool_calls' }],
		usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
	};
}

function response(said: Says): object {
	const text = 'text' in said ? said.text : '';
	return {
		id: 'response',
		object: 'response',
		status: 'completed',
		output: [
			{
				type: 'message',
				role: 'assistant',
				content: [{ type: 'output_text', text, annotations: [] }],
			},
		],
	};
}
