// Exits 0 if every URL given answers with success.
Promise.all(process.argv.slice(2).map((url) => fetch(url, { signal: AbortSignal.timeout(3000) }))).then(
  (responses) => process.exit(responses.every((response) => response.ok) ? 0 : 1),
  () => process.exit(1),
);
