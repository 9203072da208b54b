// What an app for phones has of the packages. What comes from modules of React Native is passed in.
import { createChatTransport } from '@holdfast/client';
import { asyncOutbox, nativeEnvironment } from '@holdfast/client/native';
import { useSession } from '@holdfast/client/react';

globalThis.app = { asyncOutbox, createChatTransport, nativeEnvironment, useSession };
