/** Virtual phones: what tests and the stand-in server use of them. */
export { Phone, type PhoneOptions } from './Phone';
export { type Companion, LinkError, type LinkFailure, readQr } from './pairing';
export { MessageRefused, type SendOptions, type SentMessage } from './send';
export { MediaGone, type MediaKind } from './media';
export type { MediaOptions } from './mediaContent';
export type { PhoneMessage, Wanted } from './messages';
export type { PhoneReceipt, ReceiptKind, RetryRequest } from './receipts';
export { type HistoryChat, type HistoryMessage, madeUpHistory, type PhoneHistory } from './history';
export type { GroupInfo, GroupMember, MemberResult, PersonalInvite } from './groups';
export { lidFor, type Recipient } from './jids';
