/** @type {import('next').NextConfig} */
export default { serverExternalPackages: ['ws', 'ioredis'], poweredByHeader: false };
