export const getStaticPaths = () => ({ paths: [{ params: { id: '1' } }], fallback: 'blocking' });
export const getStaticProps = ({ params }) =>
  params.id === '0' ? { notFound: true } : { props: {}, revalidate: 3600 };

export default function Page() {
  return <p>ok</p>;
}
