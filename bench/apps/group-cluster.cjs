/**
 * The primary of a node:cluster: forwards questions to its workers, and serves a Prometheus client's aggregation of them as
 * its README shows it. Arguments: the library, the number of workers, the number of series.
 */
const cluster = require('node:cluster');
const http = require('node:http');
const control = require('./control.cjs');
const { answers, clusterRegistry } = require('./group-process.cjs');

const [library, count] = process.argv.slice(2);

/** One question at a time to each worker. */
function ask(worker, { question, argument }) {
  return new Promise((resolve, reject) => {
    const settle = () => worker.off('message', onMessage).off('exit', onExit);
    const onMessage = (message) => {
      // The messages of a Prometheus client come the same way.
      if (!message.answered) return;
      settle();
      if (message.error === undefined) resolve(message.answer);
      else reject(new Error(message.error));
    };
    const onExit = () => {
      settle();
      reject(new Error('a worker has ended'));
    };
    worker.on('message', onMessage).on('exit', onExit);
    if (question !== undefined) worker.send({ question, argument });
  });
}

const workers = () => Object.values(cluster.workers);
const own = async ({ question, argument }) => answers[question](argument);

function serveAggregated(ClusterRegistry) {
  const registry = new ClusterRegistry();
  const server = http.createServer(async (_request, response) => {
    try {
      const text = await registry.clusterMetrics();
      response.setHeader('content-type', registry.contentType);
      response.end(text);
    } catch (error) {
      response.writeHead(500).end(error.message);
    }
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
}

async function start() {
  cluster.setupPrimary({ exec: require.resolve('./group-worker.cjs'), args: process.argv.slice(2) });
  await Promise.all(Array.from({ length: Number(count) }, () => ask(cluster.fork(), {})));
  const ClusterRegistry = clusterRegistry(library);
  const port = ClusterRegistry && (await serveAggregated(ClusterRegistry));
  control({
    port: () => port,
    pids: () => ({ primary: process.pid, workers: workers().map((worker) => worker.process.pid) }),
    one({ pid, ...message }) {
      if (pid === process.pid) return own(message);
      return ask(
        workers().find((worker) => worker.process.pid === pid),
        message,
      );
    },
    workers: (message) => Promise.all(workers().map((worker) => ask(worker, message))),
    everyone: (message) => Promise.all([own(message), ...workers().map((worker) => ask(worker, message))]),
  });
}

start().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
