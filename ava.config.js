export default {
  files: ['{model,scenarios,runners,analysis,reports,cli,tools,test}/**/*.test.ts'],
  extensions: ['ts'],
  timeout: '120s',
  concurrency: 2,
};
