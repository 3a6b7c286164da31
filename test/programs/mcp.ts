import type { Answer, Program, Sent } from './program.ts';

const EXAMPLES = 'node_modules/@modelcontextprotocol/sdk/dist/esm/examples/server';
const headers = { accept: 'application/json, text/event-stream' };

const call = (method: string, params: object = {}): Sent => ({
  send: 'POST /mcp',
  headers,
  json: { jsonrpc: '2.0', id: 1, method, params },
});
const initialize = call('initialize', {
  protocolVersion: '2025-06-18',
  capabilities: {},
  clientInfo: { name: 'a client', version: '1.0.0' },
});
/** In the session that the first answer names. */
const inSession =
  (sent: Sent) =>
  ([first]: readonly Answer[]): Sent => {
    const [, id = ''] = first?.headers.join('\n').match(/^mcp-session-id: (.*)$/im) ?? [];
    return { ...sent, headers: { ...headers, 'mcp-session-id': id } };
  };

export const mcpOnExpress: Program = {
  name: 'mcp-express',
  is: 'the example server of the Model Context Protocol SDK on Express 5',
  packages: { '@modelcontextprotocol/sdk': '1.32.2', zod: '4.6.7' },
  directory: 'project',
  command: () => ['node', `${EXAMPLES}/simpleStreamableHttp.js`],
  env: ({ port }) => ({ MCP_PORT: String(port) }),
  varying: [[/id: \S+_\d+_\w+/g, 'id: <id>']],
  exchanges: [
    [initialize, 200, '/mcp'],
    [inSession(call('tools/list')), 200, '/mcp'],
    [call('tools/list'), 400, '/mcp'],
    [inSession({ send: 'DELETE /mcp' }), 200, '/mcp'],
    ['GET /mcp', 400, '/mcp'],
    ['GET /nothing', 404, undefined],
  ],
};

export const mcpOnHono: Program = {
  name: 'mcp-hono',
  is: 'the example server of the Model Context Protocol SDK on Hono',
  packages: { '@modelcontextprotocol/sdk': '1.32.2', zod: '4.6.7' },
  directory: 'project',
  command: () => ['node', `${EXAMPLES}/honoWebStandardStreamableHttp.js`],
  env: ({ port }) => ({ MCP_PORT: String(port) }),
  exchanges: [
    [initialize, 200, '/mcp'],
    ['GET /health', 200, '/health'],
    // Answered by middleware that Hono calls once the route has matched.
    ['OPTIONS /mcp', 204, '/mcp'],
    ['GET /nothing', 404, undefined],
  ],
};
