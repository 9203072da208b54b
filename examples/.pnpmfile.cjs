// Of React Native and Expo only the types are used, to check what an app passes against them. Their own
// dependencies, some 600 packages, are what builds and runs an app.
const typesOnly = new Set([
  '@react-native-async-storage/async-storage',
  '@react-native-community/netinfo',
  'expo',
  'expo-crypto',
  'react-native',
]);

/** Parts of a package that its use here never loads: of Nuxt's, those of `nuxt dev` alone. */
const unused = { nuxt: ['@dxup/nuxt', '@nuxt/devtools', '@nuxt/telemetry'] };

const without = (all, names = []) =>
  Object.fromEntries(Object.entries(all ?? {}).filter(([name]) => !names.includes(name)));

module.exports = {
  hooks: {
    readPackage: (manifest) =>
      typesOnly.has(manifest.name)
        ? { ...manifest, dependencies: {}, optionalDependencies: {}, peerDependencies: {} }
        : { ...manifest, dependencies: without(manifest.dependencies, unused[manifest.name]) },
  },
};
