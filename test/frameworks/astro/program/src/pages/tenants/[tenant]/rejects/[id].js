export async function GET() {
  await null;
  throw new Error('thrown');
}
