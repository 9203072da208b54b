import type { ReactNode } from 'react';

interface IconProps {
  readonly className?: string;
}

/** Drawn by hand, so that the demo needs no icon package. Decorative: the button names itself. */
const icon = (shape: ReactNode) =>
  function Icon({ className = 'size-4' }: IconProps) {
    return (
      <svg
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth={1.8}
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        className={`shrink-0 ${className}`}
      >
        {shape}
      </svg>
    );
  };

export const AnchorIcon = icon(
  <>
    <circle cx="12" cy="5" r="2.2" />
    <path d="M12 7.5V21M7.5 11h9M4 13.5c0 4.5 3.5 7.5 8 7.5s8-3 8-7.5" />
  </>,
);
export const PlusIcon = icon(<path d="M12 5v14M5 12h14" />);
export const MenuIcon = icon(<path d="M4 7h16M4 12h16M4 17h16" />);
export const MoreIcon = icon(
  <>
    <circle cx="5" cy="12" r="1.500" fill="currentColor" stroke="none" />
    <circle cx="12" cy="12" r="1.500" fill="currentColor" stroke="none" />
    <circle cx="19" cy="12" r="1.500" fill="currentColor" stroke="none" />
  </>,
);
export const ArrowUpIcon = icon(<path d="M12 19V5M6 11l6-6 6 6" />);
export const ArrowDownIcon = icon(<path d="M12 5v14M6 13l6 6 6-6" />);
export const CloseIcon = icon(<path d="M6 6l12 12M18 6L6 18" />);
export const StopIcon = icon(
  <rect x="7" y="7" width="10" height="10" rx="2" fill="currentColor" stroke="none" />,
);
export const PencilIcon = icon(<path d="M4 20h4L19 9l-4-4L4 16zM13.5 6.5l4 4" />);
export const RetryIcon = icon(<path d="M4 4v5h5M4.6 9A8 8 0 1 1 4 13" />);
export const CopyIcon = icon(
  <>
    <rect x="9" y="9" width="11" height="11" rx="2" />
    <path d="M15 9V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v7a2 2 0 0 0 2 2h3" />
  </>,
);
export const CheckIcon = icon(<path d="M5 12.5l4.5 4.5L19 7" />);
export const ChevronIcon = icon(<path d="M9 6l6 6-6 6" />);
export const ChevronDownIcon = icon(<path d="M6 9l6 6 6-6" />);
export const WindowsIcon = icon(
  <>
    <path d="M14 4h6v6M20 4l-9 9" />
    <path d="M19 14v4a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2h4" />
  </>,
);
export const PhoneIcon = icon(
  <>
    <rect x="7" y="3" width="10" height="18" rx="2" />
    <path d="M11 18h2" />
  </>,
);
export const PersonIcon = icon(
  <>
    <circle cx="12" cy="8" r="3.500" />
    <path d="M5 20c.600-4 3.300-6 7-6s6.400 2 7 6" />
  </>,
);
export const OperatorIcon = icon(
  <>
    <path d="M5 13v-1a7 7 0 0 1 14 0v1M19 17v1a2 2 0 0 1-2 2h-4" />
    <rect x="3.500" y="13" width="3.500" height="5" rx="1.500" />
    <rect x="17" y="13" width="3.500" height="5" rx="1.500" />
  </>,
);
export const LogIcon = icon(
  <>
    <path d="M9 6h11M9 12h11M9 18h11" />
    <path d="M4 6h.010M4 12h.010M4 18h.010" />
  </>,
);
export const AttachIcon = icon(
  <path d="M20 11.500l-8.200 8.200a5 5 0 0 1-7-7L13 4.500a3.300 3.300 0 0 1 4.700 4.700l-8.200 8.200a1.700 1.700 0 0 1-2.400-2.400l7.600-7.600" />,
);
export const PinIcon = icon(
  <path d="M9 4h6l-.800 6 3.300 3.500v1.500h-11v-1.500L9.800 10zM12 15v6" />,
);
export const TrashIcon = icon(<path d="M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5" />);
export const ToolIcon = icon(
  <path d="M14.5 6.5a4 4 0 0 1 5-1l-2.7 2.7 2 2L21.5 7.500a4 4 0 0 1-5.600 5L8 20.400A2 2 0 1 1 4.500 17l8-8a4 4 0 0 1 2-2.500z" />,
);
export const WarningIcon = icon(<path d="M12 4l9 16H3zM12 10v4.500M12 17.500v.01" />);
export const ThoughtIcon = icon(
  <path d="M9 18h6M10 21h4M12 3a6.500 6.500 0 0 0-4 11.600c.7.6 1 1.200 1 2.400h6c0-1.200.3-1.800 1-2.400A6.500 6.500 0 0 0 12 3z" />,
);
