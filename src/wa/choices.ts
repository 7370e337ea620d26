/** Messages of businesses: what can be chosen in them, and what somebody chose. */
import type { proto } from '@whiskeysockets/baileys';

import { list, str } from './read';
import type { Choice, MessageContent } from './types';

type Buttons = NonNullable<MessageContent['buttons']>;

/** The chosen button or row of a reply. */
export function choiceOf(message: proto.IMessage): Choice | undefined {
	const button = message.buttonsResponseMessage;
	if (button) return choice(button.selectedButtonId, button.selectedDisplayText);
	const template = message.templateButtonReplyMessage;
	if (template) return choice(template.selectedId, template.selectedDisplayText);
	const row = message.listResponseMessage;
	if (row) return choice(row.singleSelectReply?.selectedRowId, row.title, row.description);
	const flow = message.interactiveResponseMessage;
	if (!flow) return undefined;
	const params = str(flow.nativeFlowResponseMessage?.paramsJson);
	return {
		...choice(idInParams(params) ?? flow.nativeFlowResponseMessage?.name, flow.body?.text),
		params,
	};
}

/** The text of a message with buttons, a list or cards: header, body and footer as one reads them. */
export function choiceText(message: proto.IMessage): string | null {
	const { buttonsMessage: buttons, listMessage: rows, interactiveMessage: flow } = message;
	if (buttons) return joined([buttons.text, buttons.contentText, buttons.footerText]);
	if (rows) return joined([rows.title, rows.description, rows.footerText]);
	if (flow) return interactiveText(flow);
	const structured = message.highlyStructuredMessage;
	return structured
		? (templateText(structured.hydratedHsm) ?? structuredText(structured))
		: templateText(message.templateMessage);
}

/** What can be chosen. */
export function buttonsOf(message: proto.IMessage): Buttons | undefined {
	const template = hydrated(
		message.templateMessage ?? message.highlyStructuredMessage?.hydratedHsm,
	);
	const all: Buttons = [
		...list(message.buttonsMessage?.buttons).map((button) =>
			entry(button?.buttonId, button?.buttonText?.displayText),
		),
		...list(template?.hydratedButtons).map((button) =>
			entry(
				button?.quickReplyButton?.id ?? button?.urlButton?.url ?? button?.callButton?.phoneNumber,
				button?.quickReplyButton?.displayText ??
					button?.urlButton?.displayText ??
					button?.callButton?.displayText,
			),
		),
		...list(message.listMessage?.sections).flatMap((section) =>
			list(section?.rows).map((row) => entry(row?.rowId, row?.title)),
		),
		...list(message.interactiveMessage?.nativeFlowMessage?.buttons).map((button) =>
			flowButton(button?.name, button?.buttonParamsJson),
		),
	];
	return all.length > 0 ? all : undefined;
}

function choice(id: unknown, title: unknown, description?: unknown): Choice {
	return { id: str(id), title: str(title), description: str(description), params: null };
}

function entry(id: unknown, title: unknown): Buttons[number] {
	return { id: str(id), title: str(title) };
}

function flowButton(name: unknown, params: unknown): Buttons[number] {
	const values = parsed(params);
	return entry(values?.['id'] ?? values?.['url'] ?? name, values?.['display_text'] ?? name);
}

/** Answers of native flows carry their id inside a JSON text. */
function idInParams(params: string | null): string | null {
	const values = parsed(params);
	return str(values?.['id']) ?? str(values?.['selected_row_id']);
}

function parsed(json: unknown): Record<string, unknown> | null {
	if (typeof json !== 'string') return null;
	try {
		const value: unknown = JSON.parse(json);
		return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
	} catch {
		return null;
	}
}

function hydrated(
	template: proto.Message.ITemplateMessage | null | undefined,
): proto.Message.TemplateMessage.IHydratedFourRowTemplate | null | undefined {
	return template?.hydratedFourRowTemplate ?? template?.hydratedTemplate;
}

function templateText(template: proto.Message.ITemplateMessage | null | undefined): string | null {
	if (!template) return null;
	const rows = hydrated(template);
	if (rows) {
		return joined([rows.hydratedTitleText, rows.hydratedContentText, rows.hydratedFooterText]);
	}
	const flow = template.interactiveMessageTemplate;
	if (flow) return interactiveText(flow);
	return structuredText(template.fourRowTemplate?.content);
}

function interactiveText(flow: proto.Message.IInteractiveMessage): string | null {
	return joined([flow.header?.title, flow.body?.text, flow.footer?.text]);
}

function structuredText(
	structured: proto.Message.IHighlyStructuredMessage | null | undefined,
): string | null {
	return joined(list(structured?.params));
}

function joined(parts: readonly unknown[]): string | null {
	return parts.map(str).filter(Boolean).join('\n') || null;
}
