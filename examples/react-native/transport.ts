import { createChatTransport } from '@holdfast/client';
import { asyncOutbox, nativeEnvironment } from '@holdfast/client/native';
import AsyncStorage from '@react-native-async-storage/async-storage';
import NetInfo from '@react-native-community/netinfo';
import { fetch } from 'expo/fetch';
import * as Crypto from 'expo-crypto';
import { AppState } from 'react-native';
import { session } from './session.ts';

export const transport = createChatTransport({
  api: 'https://chat.example.com/api/chat',
  url: 'https://chat.example.com/holdfast',
  token: () => session.accessToken(),
  fetch: fetch as unknown as typeof globalThis.fetch,
  environment: nativeEnvironment({ AppState, NetInfo, Crypto }),
  outbox: asyncOutbox(AsyncStorage, { owner: session.userId }),
});
