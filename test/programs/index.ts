import { adonis } from './adonis/program.ts';
import { apollo } from './apollo/program.ts';
import { fastifyCli } from './fastify-cli/program.ts';
import { graphqlYoga } from './graphql-yoga/program.ts';
import { httpServer } from './http-server.ts';
import { jsonServer } from './json-server.ts';
import { loopback } from './loopback/program.ts';
import { mcpOnExpress, mcpOnHono } from './mcp.ts';
import { nest } from './nest.ts';
import { next } from './next/program.ts';
import { nodeRed } from './node-red.ts';
import { nuxt } from './nuxt/program.ts';
import { oidcProvider } from './oidc-provider/program.ts';
import { peer } from './peer.ts';
import { pm2 } from './pm2/program.ts';
import type { Program } from './program.ts';
import { sails } from './sails/program.ts';
import { socketIo } from './socket.io/program.ts';
import { sveltekit } from './sveltekit/program.ts';
import { tiddlywiki } from './tiddlywiki.ts';
import { verdaccio } from './verdaccio.ts';

/** In the order in which they are tried. */
export const programs: readonly Program[] = [
  jsonServer,
  verdaccio,
  nodeRed,
  fastifyCli,
  nest,
  next,
  nuxt,
  sveltekit,
  adonis,
  loopback,
  socketIo,
  pm2,
  apollo,
  graphqlYoga,
  httpServer,
  mcpOnExpress,
  mcpOnHono,
  sails,
  oidcProvider,
  peer,
  tiddlywiki,
];
