export async function load() {
  await null;
  throw new Error('thrown');
}
