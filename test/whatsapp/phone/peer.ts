/** What passes between a phone and its own companions only: keys for app state, history, requests. */
import { randomBytes, randomInt } from 'node:crypto';

import type { PhoneCore } from './core';
import type { History } from './history';
import { type proto, wa } from './proto';
import type { Receiver } from './receive';
import type { Sender } from './send';

/** The key that app state is encrypted with; companions get it from the phone. */
export interface AppStateKey {
	id: Buffer;
	data: Buffer;
}

export class Peer {
	readonly appStateKey: AppStateKey = { id: newKeyId(), data: randomBytes(32) };
	/** What companions have asked for, oldest first. */
	readonly requests: proto.Message.IProtocolMessage[] = [];

	constructor(
		private readonly core: PhoneCore,
		private readonly sender: Sender,
		private readonly history: History,
		receiver: Receiver,
	) {
		receiver.onPeer((message, from, stanzaId) => {
			this.requests.push(message);
			this.core.background(async () => await this.answer(message, from, stanzaId));
		});
	}

	/** What a new companion gets: first the key, or the app state that history starts cannot be read. */
	async welcome(companion: string): Promise<void> {
		await this.shareKey(companion);
		for (const sync of this.history.initialSyncs()) await this.sendHistory(companion, sync);
	}

	async shareKey(companion: string): Promise<void> {
		const { Type } = wa().Message.ProtocolMessage;
		const { id, data } = this.appStateKey;
		await this.sender.sendPeer(companion, {
			protocolMessage: {
				type: Type.APP_STATE_SYNC_KEY_SHARE,
				appStateSyncKeyShare: {
					keys: [
						{
							keyId: { keyId: id },
							keyData: {
								keyData: data,
								timestamp: this.core.host.now(),
								fingerprint: {
									rawId: this.core.signal.registrationId,
									currentIndex: 0,
									deviceIndexes: [0],
								},
							},
						},
					],
				},
			},
		});
	}

	private async sendHistory(
		companion: string,
		historySyncNotification: proto.Message.IHistorySyncNotification,
	): Promise<void> {
		const { Type } = wa().Message.ProtocolMessage;
		await this.sender.sendPeer(companion, {
			protocolMessage: { type: Type.HISTORY_SYNC_NOTIFICATION, historySyncNotification },
		});
	}

	private async answer(
		message: proto.Message.IProtocolMessage,
		companion: string,
		stanzaId: string,
	): Promise<void> {
		const { PeerDataOperationRequestType: Kind, ProtocolMessage } = wa().Message;
		if (message.type === ProtocolMessage.Type.APP_STATE_SYNC_KEY_REQUEST) {
			await this.shareKey(companion);
			return;
		}
		const request = message.peerDataOperationRequestMessage;
		if (!request || !this.history.answersRequests) return;
		const kind = request.peerDataOperationRequestType;
		if (kind === Kind.HISTORY_SYNC_ON_DEMAND && request.historySyncOnDemandRequest) {
			const sync = this.history.onDemand(request.historySyncOnDemandRequest, stanzaId);
			await this.sendHistory(companion, sync);
		}
		if (kind === Kind.PLACEHOLDER_MESSAGE_RESEND) {
			await this.resendPlaceholders(companion, stanzaId, request);
		}
	}

	private async resendPlaceholders(
		companion: string,
		stanzaId: string,
		request: proto.Message.IPeerDataOperationRequestMessage,
	): Promise<void> {
		const { Type } = wa().Message.ProtocolMessage;
		const results = (request.placeholderMessageResendRequest ?? []).flatMap(({ messageKey }) => {
			const found = messageKey?.id ? this.history.find(messageKey.id) : undefined;
			if (!found) return [];
			const webMessageInfoBytes = wa().WebMessageInfo.encode(found).finish();
			return [{ placeholderMessageResendResponse: { webMessageInfoBytes } }];
		});
		await this.sender.sendPeer(companion, {
			protocolMessage: {
				type: Type.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
				peerDataOperationRequestResponseMessage: {
					peerDataOperationRequestType: request.peerDataOperationRequestType,
					stanzaId,
					peerDataOperationResult: results,
				},
			},
		});
	}
}

/** Two bytes for the device that made it, four for the epoch, as on the real service (belief). */
function newKeyId(): Buffer {
	const id = Buffer.alloc(6);
	id.writeUInt32BE(randomInt(1, 0x7fffffff), 2);
	return id;
}
