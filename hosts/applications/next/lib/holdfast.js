import { createHoldfast } from '@holdfast/server';

export const holdfast = createHoldfast({ authorize: () => ({ id: 'somebody' }) });
