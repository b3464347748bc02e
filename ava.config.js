export default {
  files: ['{model,scenarios,runners,analysis,reports,cli,tools,test}/**/*.test.ts'],
  extensions: ['ts'],
  timeout: '120s',
  // Files one after another; tools/test.ts says which may run two at a time.
  concurrency: 1,
};
