export default defineEventHandler((event) => {
  const id = getRouterParam(event, 'id');
  if (id === 'broken') throw new Error('broken');
  return { id };
});
