// An app with OpenTelemetry of its own, as an ES module: API 1.9, SDK 2.x.
import own from '../own-opentelemetry.cjs';

const packages = await Promise.all(own.PACKAGES[2].map((name) => import(name)));
own.run(Object.assign({}, ...packages), () => import('node:http'));
