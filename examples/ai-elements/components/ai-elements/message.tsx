// Stands for what `npx ai-elements add message` copies into an application.
import type { UIMessage } from 'ai';
import { type ComponentProps, memo } from 'react';
import { Streamdown } from 'streamdown';

type MessageProps = ComponentProps<'div'> & { readonly from: UIMessage['role'] };

export const Message = ({ from, ...props }: MessageProps) => <div data-from={from} {...props} />;

export const MessageContent = (props: ComponentProps<'div'>) => <div {...props} />;

/** Markdown that may still be written; rendered anew only when its text has changed. */
export const MessageResponse = memo(Streamdown, (before, now) => before.children === now.children);
