export { createRedisLog, type RedisLogOptions } from './redis-log.ts';
