/** A Lua script, bundled as text by tsdown (build) and by the `lua` plugin of vitest (tests). */
declare module '*.lua' {
  const source: string;
  export default source;
}
