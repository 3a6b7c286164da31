import { Outlet } from 'react-router';
import { route } from 'routemeter';

export const middleware = [
  ({ pattern }, next) => {
    route(pattern.replace(/^\/?/, '/'));
    return next();
  },
];

export default function Root() {
  return (
    <html lang="en">
      <body>
        <Outlet />
      </body>
    </html>
  );
}
