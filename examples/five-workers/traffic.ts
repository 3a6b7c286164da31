/** Clients that know how many requests they made. */
import { Agent, get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { ROUTES, type Route } from './data.ts';

/** Milliseconds between two requests on each of ten connections kept alive, as a proxy keeps them: some are busy, some are not. */
const PAUSES = [20, 70, 30, 100, 45, 150, 500, 220, 700, 330];

const PATHS: Readonly<Record<Route, string>> = {
  '/products/:id': '/products/7',
  '/users/:user/orders': '/users/42/orders',
};

export interface Traffic {
  /** Requests that were answered. */
  readonly made: Record<Route, number>;
  /** One request for each route, on ten connections one after another. */
  touch(): Promise<void>;
  /** Resolves when the last answer is there. @throws when a request is not answered with 200 */
  drive(until: number): Promise<void>;
}

export function createTraffic(port: number): Traffic {
  const made: Record<Route, number> = { '/products/:id': 0, '/users/:user/orders': 0 };
  const agents = PAUSES.map(() => new Agent({ keepAlive: true, maxSockets: 1 }));

  const request = (route: Route, agent: Agent | false): Promise<void> =>
    new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, path: PATHS[route], agent }, (response) => {
        response.resume().on('end', () => {
          if (response.statusCode !== 200) return reject(new Error(`${route}: ${response.statusCode}`));
          made[route] += 1;
          resolve();
        });
      }).on('error', reject);
    });

  return {
    made,
    async touch() {
      for (const route of ROUTES) for (const _ of PAUSES) await request(route, false);
    },
    async drive(until) {
      const client = async (millis: number, agent: Agent): Promise<void> => {
        for (let i = 0; Date.now() < until; i++) {
          await request(i % 4 === 3 ? '/users/:user/orders' : '/products/:id', agent);
          await pause(millis);
        }
      };
      await Promise.all(agents.map((agent, i) => client(PAUSES[i] ?? 0, agent)));
    },
  };
}
