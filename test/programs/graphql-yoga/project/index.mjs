import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';

const yoga = createYoga({
  schema: createSchema({
    typeDefs: `
      type Query {
        hello: String
        broken: String
      }
      type Subscription {
        countdown(from: Int!): Int!
      }
    `,
    resolvers: {
      Query: {
        hello: () => 'world',
        broken: () => {
          throw new Error('broken');
        },
      },
      Subscription: {
        countdown: {
          async *subscribe(_, { from }) {
            for (let i = from; i >= 0; i--) yield { countdown: i };
          },
        },
      },
    },
  }),
});

createServer(yoga).listen(process.env.PORT, '127.0.0.1', () => {
  console.info('Server is running');
});
