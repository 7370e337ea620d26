/**
 * Send and Wait for Response: asks, puts the execution to sleep in n8n, and gives out the answer when
 * the execution goes on. The signed address only wakes it; the answer comes from storage.
 */
import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	IWebhookDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { SEND_AND_WAIT_OPERATION, WAIT_INDEFINITELY } from 'n8n-workflow';
import {
	runtime,
	settingsFor,
	STILL_WAITING,
	type Answer,
	type AskedQuestion,
} from '../../src/runtime';
import { Progress } from './progress';
import { runItem } from './runItem';

/** n8n itself ends the wait this much after we should have, should we not have been running. */
const SPARE_MS = 5 * 60_000;
const QUESTION = 'question';

const webhook = (httpMethod: 'GET' | 'POST'): IWebhookDescription => ({
	name: 'default',
	httpMethod,
	responseMode: 'onReceived',
	responseData: '',
	path: '={{ $nodeId }}',
	restartWebhook: true,
	isFullPath: true,
});

/** POST lets the execution go on, GET asks whether it still waits. */
export const webhooks: IWebhookDescription[] = [webhook('GET'), webhook('POST')];

export const asksAndWaits = (context: IExecuteFunctions): boolean =>
	context.getNodeParameter('operation', 0) === SEND_AND_WAIT_OPERATION;

/** As in n8n's own nodes the first item asks, and all items go on. */
export async function askAndWait(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
	const settings = await settingsFor(context);
	const [item] = await runItem(context, 0, settings, new Progress(context, 1));
	// Nothing was sent, so nobody will answer.
	if (item?.json.dryRun === true) return [item];
	const asked = item?.json.question as AskedQuestion;
	const resume = context.getSignedResumeUrl({ [QUESTION]: asked.id });
	await runtime().expectAnswer(settings, asked, resume);
	await context.putExecutionToWait(
		asked.until === undefined ? WAIT_INDEFINITELY : new Date(asked.until + SPARE_MS),
	);
	return context.getInputData();
}

/** Called by n8n for the signed address. Without an answer the execution goes on sleeping. */
export async function giveAnswer(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const { [QUESTION]: id } = context.getQueryData() as IDataObject;
	const method = context.getRequestObject().method;
	const answer =
		method === 'POST' && typeof id === 'string'
			? await runtime().answerTo(await settingsFor(context), id)
			: undefined;
	if (!answer) return { webhookResponse: STILL_WAITING };
	return {
		webhookResponse: 'OK',
		workflowData: [[{ json: itemOf(String(id), answer) }]],
	};
}

/** `data` is what n8n's own nodes give, and what a review of an agent's tools looks at. */
function itemOf(questionId: string, answer: Answer): IDataObject {
	const { answered, by, approved, choice, text, from, messageId, at } = answer;
	return {
		data: {
			...(approved === undefined ? {} : { approved }),
			...(choice === undefined ? {} : { choice }),
			...(text === null ? {} : { text }),
			respondedAt: at,
		},
		answered,
		answeredBy: from ? { ...from } : null,
		answeredWith: by,
		messageId,
		questionId,
	};
}
