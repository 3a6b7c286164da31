// An app with OpenTelemetry of its own: API 1.9, SDK 2.x.
const { PACKAGES, run } = require('../own-opentelemetry.cjs');

run(Object.assign({}, ...PACKAGES[2].map((name) => require(name))), () => require('node:http'));
