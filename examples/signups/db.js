// A pretended database: it answers after a while, and each of its queries is timed.
import { time } from 'routemeter';

const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
const query = (millis, rows) =>
  time('db.query', async () => {
    await pause(millis);
    return rows;
  });

let users = 0;
export const db = {
  async insert(_table, row) {
    users += 1;
    await query(5, []);
    return { id: users, ...row };
  },
  slow: () => query(400, [{ plan: 'free' }, { plan: 'pro' }]),
  delete: () => query(5, [{ id: 7 }, { id: 9 }, { id: 11 }]),
};
