import { defineNuxtConfig } from 'nuxt/config';

export default defineNuxtConfig({
  compatibilityDate: '2026-10-01',
  // The files of the Nitro example. In an app of yours they stand in `server/`, and need no line.
  serverDir: '../nitro/server',
  nitro: { experimental: { websocket: true } },
  devtools: { enabled: false },
  telemetry: false,
});
