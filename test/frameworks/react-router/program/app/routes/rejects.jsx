export async function loader() {
  await null;
  throw new Error('thrown');
}

export default () => <p>never</p>;
