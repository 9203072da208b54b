import { defineNitroPlugin } from 'nitropack/runtime';
import { holdfast } from '../lib/holdfast.ts';

export default defineNitroPlugin(() => holdfast.closeOnSignals());
