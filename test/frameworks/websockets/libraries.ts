import type { Library, Talk } from './library.ts';

const rooms: Library['accepted'] = { 'a room': { path: '/rooms/7?from=/health', route: '/rooms/:room' } };

/** https://socket.io/docs/v4/socket-io-protocol/ */
const socketIoTalk: Talk = { hello: ['40', '40{'], said: (text) => `42["say","${text}"]` };

export const libraries: readonly Library[] = [
  {
    name: 'ws, with several servers behind one',
    app: 'ws.mjs',
    versions: [{ ws: '7.5.14' }, { ws: '8.23.0' }],
    isSeen: false,
    accepted: {
      'a room that is named once it is entered': rooms['a room'] ?? { path: '' },
      'a member, who is looked at first': {
        path: '/members/7',
        headers: { authorization: 'yes', 'sec-websocket-protocol': 'chat' },
        route: '/members/:member',
      },
    },
    refused: {
      'a stranger': { path: '/members/7', status: 401, route: '/members/:member' },
      'a stranger who is told what the app likes': {
        path: '/members/7',
        headers: { authorization: 'no' },
        status: 403,
        route: '/members/:member',
      },
      'a key that is none': { path: '/rooms/7', headers: { 'sec-websocket-key': 'no' }, status: 400 },
      'an answer that the app writes itself': { path: '/raw', status: 401, route: '/raw' },
      'no answer at all': {
        path: '/destroyed',
        status: undefined,
        errorType: 'destroyed',
        route: '/destroyed',
      },
      'a path that nobody knows': { path: '/nothing', status: 404 },
      'a protocol that nobody knows': { path: '/nothing', headers: { upgrade: 'h2c' }, status: 404 },
      'no wish for an upgrade': { path: '/rooms/7', headers: { connection: 'close' }, status: 426 },
    },
    ignored: { 'a probe': { path: '/probes/1' } },
  },
  {
    name: 'express-ws',
    app: 'express-ws.mjs',
    versions: [
      { 'express-ws': '5.0.2', express: '4.22.3' },
      { 'express-ws': '5.0.2', express: '5.3.0' },
    ],
    isSeen: true,
    accepted: {
      ...rooms,
      'a room of a router': { path: '/houses/1/rooms/7', route: '/houses/:house/rooms/:room' },
      'the root of a router': { path: '/houses/1', route: '/houses/:house' },
    },
    refused: {
      'a room that is asked for as a page': {
        path: '/rooms/7',
        headers: { connection: 'close' },
        status: 200,
        route: '/rooms/:room',
      },
    },
  },
  {
    name: '@fastify/websocket',
    app: 'fastify.mjs',
    versions: [
      { '@fastify/websocket': '10.0.1', fastify: '4.29.1' },
      { '@fastify/websocket': '11.3.7', fastify: '5.12.8' },
    ],
    isSeen: true,
    accepted: rooms,
    refused: {
      'what a hook refuses': { path: '/guarded/7', status: 401, route: '/guarded/:id' },
      'a path that is not declared': { path: '/nothing', status: 404 },
    },
  },
  {
    name: 'Hono, by its adapter for Node.js',
    app: 'hono.mjs',
    versions: [{ '@hono/node-server': '2.1.9', hono: '4.13.19', ws: '8.23.0' }],
    isSeen: true,
    accepted: rooms,
    refused: {
      'what a handler refuses': { path: '/guarded/7', status: 401, route: '/guarded/:id' },
      'a path that is not declared': { path: '/nothing', status: 404 },
    },
  },
  {
    name: 'Hono, by @hono/node-ws',
    app: 'hono-node-ws.mjs',
    versions: [{ '@hono/node-ws': '1.3.1', '@hono/node-server': '1.19.11', hono: '4.13.19' }],
    isSeen: true,
    accepted: rooms,
    refused: {
      'what a handler refuses': { path: '/guarded/7', status: 401, route: '/guarded/:id' },
      'a path that is not declared': { path: '/nothing', status: 404 },
    },
  },
  {
    name: 'Koa, in whose ordinary handlers koa-easy-ws takes the connection',
    app: 'koa.mjs',
    versions: [{ 'koa-easy-ws': '2.1.0', koa: '3.3.0', '@koa/router': '15.7.0', ws: '8.23.0' }],
    isSeen: true,
    accepted: rooms,
    refused: {
      'what a handler refuses': { path: '/guarded/7', status: 401, route: '/guarded/:id' },
      'a key that is none': {
        path: '/rooms/7',
        headers: { 'sec-websocket-key': 'no' },
        status: 400,
        route: '/rooms/:room',
      },
      'a path that is not declared': { path: '/nothing', status: 404 },
    },
  },
  {
    name: 'NestJS, whose gateway names the route',
    app: 'nest.mjs',
    versions: [
      {
        '@nestjs/platform-ws': '12.1.1',
        '@nestjs/websockets': '12.1.1',
        '@nestjs/common': '12.5.1',
        '@nestjs/core': '12.5.1',
        '@nestjs/platform-express': '12.5.1',
        'reflect-metadata': '0.2.2',
        rxjs: '7.8.2',
      },
    ],
    isSeen: true,
    accepted: { 'a gateway': { path: '/rooms', route: '/rooms' } },
    refused: {
      'a path that no gateway has': { path: '/nothing', status: undefined, errorType: 'destroyed' },
    },
  },
  {
    name: 'socket.io',
    app: 'socket.io.mjs',
    versions: [{ 'socket.io': '4.8.4' }],
    isSeen: false,
    talk: socketIoTalk,
    accepted: { 'a socket without a route': { path: '/socket.io/?EIO=4&transport=websocket' } },
    refused: {
      'a transport that is none': { path: '/socket.io/?EIO=4&transport=x', status: 400 },
      'what the app refuses': {
        path: '/socket.io/?EIO=4&transport=websocket',
        headers: { authorization: 'no' },
        status: 400,
      },
      'another path, after a time': { path: '/nothing', status: undefined, errorType: 'destroyed' },
      'a poll, which is no upgrade': {
        path: '/socket.io/?EIO=4&transport=polling',
        headers: { connection: 'close' },
        status: 200,
      },
    },
  },
  {
    name: 'socket.io, with a pattern for its path',
    app: 'socket.io.mjs',
    versions: [{ 'socket.io': '4.8.4' }],
    env: { ROUTEMETER_ROUTES: '/socket.io/' },
    isSeen: true,
    talk: socketIoTalk,
    accepted: { 'a socket': { path: '/socket.io/?EIO=4&transport=websocket', route: '/socket.io/' } },
    refused: {
      'a poll, which is no upgrade': {
        path: '/socket.io/?EIO=4&transport=polling',
        headers: { connection: 'close' },
        status: 200,
        route: '/socket.io/',
      },
    },
  },
];
