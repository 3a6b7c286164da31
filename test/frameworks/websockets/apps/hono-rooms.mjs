/** The routes, by either adapter of Hono. */
export function declare(app, upgradeWebSocket, meet) {
  app.get(
    '/rooms/:room',
    upgradeWebSocket(() => {
      let hear;
      return {
        onOpen(_event, socket) {
          hear = meet(
            (text) => socket.send(text),
            () => socket.raw.terminate(),
          );
        },
        onMessage: ({ data }) => hear(String(data)),
      };
    }),
  );
  app.get('/guarded/:id', (c) => c.text('no', 401));
  return app;
}
