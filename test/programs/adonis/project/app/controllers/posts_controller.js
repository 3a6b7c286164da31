export default class PostsController {
  index() {
    return [{ id: 1 }];
  }

  show({ params, response }) {
    if (params.id === '9') return response.notFound({ error: 'no such post' });
    return { id: params.id };
  }

  store({ request, response }) {
    return response.created(request.body());
  }

  destroy() {
    throw new Error('broken');
  }
}
