export function GET() {
  throw new Error('thrown');
}
