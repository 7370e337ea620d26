/** All events in the order of the trigger's list. */
import { messageReceived } from './messageReceived';
import { messageSent } from './messageSent';
import type { EventDefinition } from './types';

export const EVENTS: readonly EventDefinition[] = [messageReceived, messageSent];

export type { EventDefinition, LinkedEvent, Normalised, NormaliseContext } from './types';
