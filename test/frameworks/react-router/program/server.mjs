import { createRequestHandler } from '@react-router/express';
import express from 'express';

const { PORT, HOST } = process.env;
const app = express();
app.disable('x-powered-by');
app.use(express.static('build/client'));
app.all('/{*path}', createRequestHandler({ build: await import('./build/server/index.js') }));
app.listen(Number(PORT), HOST, () => console.log(`http://${HOST}:${PORT}/`));
