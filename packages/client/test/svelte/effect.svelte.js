/** Runs `start` as an effect of a component; returns what destroys the component. */
export const inEffect = (start) =>
  $effect.root(() => {
    $effect(start);
  });
