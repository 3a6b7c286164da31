import { AppProcess } from '../app-process.ts';

/** An app that serves `/users/:id` by hand, with code of its own for each request. */
export const servingApp = (code: string, env: Record<string, string> = {}): AppProcess =>
  new AppProcess(
    `import { createServer } from 'node:http';
    import { count, observe, tag, time } from 'routemeter';
    const server = createServer(async (req, res) => {
      const id = Number(req.url.split('/')[2]);
      ${code}
      res.end();
    });
    server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port + '/'));`,
    { env: { ROUTEMETER_ROUTES: '/users/:id', ...env } },
  );

/** What has been said beside the one line of every start. */
export const warnings = ({ stderr }: AppProcess): string[] =>
  stderr
    .filter((line) => !/^routemeter: measuring/.test(line))
    .map((line) => line.replace(/^routemeter: /, ''));
