/** A StatsD server that counts packets and bytes as they come, and the requests in them when it is asked. */
const dgram = require('node:dgram');
const control = require('./control.cjs');

const BUFFER_BYTES = 4 * 1024 * 1024;

/** The request histogram in each dialect; what is called otherwise is not counted. */
const REQUESTS = /^http[._]server[._]request[._]duration(?:_seconds)?(?:[.,#](?!all_routes)|$)/;

let unread = [];
const totals = { packets: 0, bytes: 0, repeated: 0, weighted: 0 };

/** Adds one packet's requests: those of a server that repeats a sample `trunc(1 / rate)` times, and the fraction. */
function read(packet) {
  for (const line of packet.toString().split('\n')) {
    const end = line.indexOf(':');
    if (!REQUESTS.test(line.slice(0, end))) continue;
    const tags = line.indexOf('|#', end);
    let weight = 1;
    // From the end: values that are packed, as in 1:2:3|d|@0.5, have the rate that comes behind the last of them.
    for (const sample of line
      .slice(end + 1, tags < 0 ? undefined : tags)
      .split(':')
      .reverse()) {
      if (sample.includes('|')) {
        const rate = sample.indexOf('|@');
        weight = rate < 0 ? 1 : 1 / Number(sample.slice(rate + 2));
      }
      totals.repeated += Math.trunc(weight);
      totals.weighted += weight;
    }
  }
}

const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: BUFFER_BYTES });
socket.on('message', (packet) => {
  unread.push(packet);
  totals.packets += 1;
  totals.bytes += packet.length;
});
socket.bind(0, '127.0.0.1', () => {
  control({
    port: () => socket.address().port,
    /** What has been received so far. */
    received() {
      for (const packet of unread) read(packet);
      unread = [];
      return totals;
    },
  });
});
