export {
  Participants as SessionPresence,
  type PresenceLimits,
  type PresenceOptions,
} from './participants.ts';
