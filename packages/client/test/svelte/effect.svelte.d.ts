/** Runs `start` as an effect of a component; returns what destroys the component. */
export declare const inEffect: (start: () => () => void) => () => void;
