/** Names the popover that the chats are in on a phone. */
export const sidebarId = 'chats';
