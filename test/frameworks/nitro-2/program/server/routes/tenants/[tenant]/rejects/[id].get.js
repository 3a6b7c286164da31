export default defineEventHandler(async () => {
  await null;
  throw new Error('thrown');
});
