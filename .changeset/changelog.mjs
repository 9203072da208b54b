// How the notes of a changeset become lines of a changelog: as they are written. Commits are no news for readers, and
// the packages have one version, so that none has to say that it needs the others.

const changelog = {
  getReleaseLine: async ({ summary }) => {
    const [first, ...rest] = summary.trim().split('\n');
    return [`- ${first}`, ...rest.map((line) => (line === '' ? '' : `  ${line}`))].join('\n');
  },
  getDependencyReleaseLine: async () => '',
};

export default changelog;
