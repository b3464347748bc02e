export default {
  files: ['{model,scenarios,runners,analysis,reports,cli,tools,test}/**/*.test.ts'],
  extensions: ['ts'],
  timeout: '120s',
  // Files one after another: tests drive real load and build real programs, and would take each other for the service.
  concurrency: 1,
};
