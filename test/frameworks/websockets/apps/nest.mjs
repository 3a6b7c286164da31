import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketGateway } from '@nestjs/websockets';
import { route } from 'routemeter';
import { announce, meetBy } from './rooms.mjs';

class Rooms {
  handleConnection(socket) {
    route('/rooms');
    meetBy(socket);
  }
}
WebSocketGateway({ path: '/rooms' })(Rooms);
class App {}
Module({ providers: [Rooms] })(App);

const app = await NestFactory.create(App, { logger: false });
app.useWebSocketAdapter(new WsAdapter(app));
await app.listen(0, '127.0.0.1');
announce(app.getHttpServer());
