// autocannon as its users run it, for comparison: warms up, then runs, then prints one JSON line with what it says of
// itself and what CPU it took. Arguments: URL, rate (0: as fast as it goes), seconds, connections.
import autocannon from 'autocannon';

const [url, rate, duration, connections] = process.argv.slice(2);
const options = { url, connections: Number(connections), ...(rate === '0' ? {} : { overallRate: Number(rate) }) };
await autocannon({ ...options, duration: 2 });
const before = process.cpuUsage();
const result = await autocannon({ ...options, duration: Number(duration) });
const { user, system } = process.cpuUsage(before);
const { p50, p99, max } = result.latency;
console.log(
  JSON.stringify({
    requests: result.requests.total,
    cpuMs: (user + system) / 1000,
    p50Ms: p50,
    p99Ms: p99,
    maxMs: max,
  }),
);
