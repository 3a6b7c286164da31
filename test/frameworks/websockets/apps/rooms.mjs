import { count, observe, tag } from 'routemeter';

/** What is done with a connection to a room, by whichever library it came: `end` closes it without a word. */
export function meet(send, end) {
  count('room.joined');
  return (text) => {
    count('message.seen');
    observe('message.size', text.length, { unit: 'By' });
    if (text === 'upgrade') tag('plan', 'pro');
    if (text === 'end') end();
    else send(`${text}, too`);
  };
}

/** For connections of `ws`. */
export function meetBy(socket) {
  const hear = meet(
    (text) => socket.send(text),
    () => socket.terminate(),
  );
  socket.on('message', (data) => hear(String(data)));
}

export function announce(server, scheme = 'http') {
  console.log(`${scheme}://127.0.0.1:${server.address().port}/`);
}
