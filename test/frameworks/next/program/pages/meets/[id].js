import { meet } from '../../meet.mjs';

export async function getServerSideProps() {
  await meet();
  return { props: {} };
}

export default function Page() {
  return <p>ok</p>;
}
