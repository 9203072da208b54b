import { svelte } from '@sveltejs/vite-plugin-svelte';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

const pages = ['react', 'vue', 'svelte', 'plain'];

export default defineConfig({
  plugins: [svelte(), vue()],
  build: { rolldownOptions: { input: pages.map((page) => `${page}.html`) } },
});
