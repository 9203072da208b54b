const known = ['npm', 'pnpm', 'yarn', 'bun'] as const;

export type PackageManager = (typeof known)[number];

/**
 * The one that runs this: it says so in `npm_config_user_agent`, as in `pnpm/10.4.0 npm/? node/v24.0.0 linux x64`.
 *
 * @default 'npm', where nothing says so, or another one does
 */
export const packageManagerOf = (userAgent = ''): PackageManager =>
  known.find((name) => userAgent.startsWith(`${name}/`)) ?? 'npm';
