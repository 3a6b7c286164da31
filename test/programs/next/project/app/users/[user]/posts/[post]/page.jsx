export default async function Page({ params }) {
  const { user, post } = await params;
  return (
    <h1>
      {user} {post}
    </h1>
  );
}
