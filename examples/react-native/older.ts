// Apps that are not on AsyncStorage 3 yet pass the one they have.
import { asyncOutbox } from '@holdfast/client/native';
import AsyncStorage from 'async-storage-2';

export const outbox = asyncOutbox(AsyncStorage);
