import { index, prefix, route } from '@react-router/dev/routes';

export default [
  index('routes/ok.jsx', { id: 'index' }),
  route('health', 'routes/health.js'),
  route('users/:id', 'routes/ok.jsx', { id: 'user' }),
  route('files/*', 'routes/ok.jsx', { id: 'files' }),
  route('denied/:id', 'routes/denied.js'),
  route('throws/:id', 'routes/throws.jsx', { id: 'throws' }),
  route('meets/:id', 'routes/meets.js', { id: 'meets' }),
  ...prefix('tenants/:tenant', [
    route('items/:item', 'routes/ok.jsx', { id: 'item' }),
    route('throws/:id', 'routes/throws.jsx', { id: 'tenant throws' }),
    route('rejects/:id', 'routes/rejects.jsx'),
    route('meets/:id', 'routes/meets.js', { id: 'tenant meets' }),
  ]),
];
