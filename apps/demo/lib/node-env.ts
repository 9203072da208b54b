/**
 * Imported before everything that asks for NODE_ENV. Not set by the scripts in package.json,
 * because that is written in another way on Windows.
 */
Object.assign(process.env, {
  NODE_ENV: process.argv.includes('--dev') ? 'development' : 'production',
  NEXT_TELEMETRY_DISABLED: '1',
});
