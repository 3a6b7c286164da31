// Some five requests a second, of every kind the shop knows and one it does not. Ends when the shop does not answer.
const shop = process.argv[2];
const pick = (limit) => Math.floor(Math.random() * limit);
const requests = [
  () => ['GET', '/'],
  () => ['GET', '/products'],
  () => ['GET', `/products/${pick(1000)}`],
  () => ['GET', `/products/${pick(1000)}`],
  () => ['GET', `/users/${pick(50)}/orders`],
  () => ['GET', `/users/${pick(50)}/orders/${pick(500)}`],
  () => ['POST', '/checkout'],
  () => ['GET', '/reports/sales'],
  () => ['GET', `/unknown/${pick(1_000_000)}`],
];

setInterval(async () => {
  const [method, path] = requests[pick(requests.length)]();
  try {
    const response = await fetch(`${shop}${path}`, { method, signal: AbortSignal.timeout(5000) });
    await response.arrayBuffer();
  } catch (error) {
    console.error(`${method} ${path}: ${error.cause ?? error}`);
    process.exit(1);
  }
}, 200);
