export const revalidate = 3600;
export const generateStaticParams = () => [{ id: '1' }];

export default function Page() {
  return <p>ok</p>;
}
