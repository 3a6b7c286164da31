// An app with OpenTelemetry of its own: API 1.10, SDK 3.x.
const { PACKAGES, run } = require('../own-opentelemetry.cjs');

run(Object.assign({}, ...PACKAGES[3].map((name) => require(name))), () => require('node:http'));
