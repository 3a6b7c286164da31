import { del, get, HttpErrors, post } from '@loopback/rest';

const ID = { name: 'id', in: 'path', required: true, schema: { type: 'number' } } as const;
const TITLE = {
  content: { 'application/json': { schema: { type: 'object' as const, required: ['title'] } } },
};

export class TodoController {
  @get('/todos')
  all(): object {
    return [{ id: 1, title: 'one' }];
  }

  @get('/todos/{id}', { parameters: [ID], responses: {} })
  one(id: number): object {
    if (id === 9) throw new HttpErrors.NotFound('no such todo');
    return { id };
  }

  @post('/todos', { requestBody: TITLE, responses: {} })
  make(todo: object): object {
    return todo;
  }

  @del('/todos/{id}', { parameters: [ID], responses: {} })
  remove(id: number): void {
    if (id === 9) throw new Error('broken');
  }
}
