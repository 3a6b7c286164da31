export default {
  rewrites: () => [{ source: '/things/:id', destination: '/api/items/:id' }],
};
