export const GET = ({ params }) => new Response(params.item);
