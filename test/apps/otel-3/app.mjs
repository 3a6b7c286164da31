// An app with OpenTelemetry of its own, as an ES module: API 1.10, SDK 3.x.
import own from '../own-opentelemetry.cjs';

const packages = await Promise.all(own.PACKAGES[3].map((name) => import(name)));
own.run(Object.assign({}, ...packages), () => import('node:http'));
