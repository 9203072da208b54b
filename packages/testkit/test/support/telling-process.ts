// Tells what a process of a test runs, for `fork`.
process.send?.({
  protocol: import.meta.resolve('@holdfast/protocol'),
  ai: import.meta.resolve('ai'),
});
