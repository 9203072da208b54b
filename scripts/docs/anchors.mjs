/**
 * The name that a Markdown viewer gives to a heading, as the host of the repository does and the site too.
 *
 * @param {string} heading without the number signs
 */
export const anchorOf = (heading) =>
  heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
