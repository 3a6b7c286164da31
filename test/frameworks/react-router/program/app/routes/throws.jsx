export default function Throws() {
  throw new Error('thrown');
}
