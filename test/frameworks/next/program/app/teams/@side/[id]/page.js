export default function Side() {
  return <p>side</p>;
}
