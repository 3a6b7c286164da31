export const getServerSideProps = () => {
  throw new Error('thrown');
};

export default function Page() {
  return <p>ok</p>;
}
