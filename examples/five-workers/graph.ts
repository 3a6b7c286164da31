/** The two halves as a picture: SVG 1.1, with its own light background so that it is readable on a dark page too. */
import { type Data, type HalfData, ROUTES } from './data.ts';

const WIDTH = 920;
const HEIGHT = 390;
const PANEL = { width: 380, height: 240, top: 64 };
const LEFT = [68, 510] as const;
const COLOURS = ['#0b5cad', '#b34700'] as const;
const TICKS = 5;

type Values = readonly (number | null)[];
type Scale = (value: number) => number;

export function draw(data: Data): string {
  const panels: readonly (readonly [title: string, half: HalfData])[] = [
    ['@opentelemetry/exporter-prometheus', data.official],
    ['routemeter', data.routemeter],
  ];
  const all = panels.flatMap(([, half]) =>
    ROUTES.flatMap((route) => [...half.clients[route], ...half.scraped[route]]),
  );
  const step = roundStep(Math.max(1, ...all.map(Number)) / TICKS);
  const top = step * Math.ceil(Math.max(1, ...all.map(Number)) / step);
  const seconds = Math.max(1, ...panels.map(([, half]) => half.clients[ROUTES[0]].length - 1));
  const parts = panels.map(([title, half], i) =>
    panel({ title, half, left: LEFT[i] ?? 0, top, step, seconds, killedAt: data.killedAt }),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#24292f">
<title>http_server_request_duration_seconds_count of five workers, as one Prometheus scraped it</title>
<rect width="${WIDTH}" height="${HEIGHT}" rx="8" fill="#ffffff" stroke="#d0d7de"/>
${parts.join('\n')}
${legend()}
</svg>
`;
}

interface Panel {
  readonly title: string;
  readonly half: HalfData;
  readonly left: number;
  /** The greatest number of requests on the axis, and the distance of its marks. */
  readonly top: number;
  readonly step: number;
  readonly seconds: number;
  readonly killedAt: number;
}

function panel({ title, half, left, top, step, seconds, killedAt }: Panel): string {
  const x: Scale = (second) => round(left + (PANEL.width * second) / seconds);
  const bottom = PANEL.top + PANEL.height;
  const right = left + PANEL.width;
  const y: Scale = (value) => round(bottom - (PANEL.height * value) / top);
  const rows: string[] = [`<text x="${left}" y="30" font-size="15" font-weight="bold">${title}</text>`];
  for (let value = 0; value <= top; value += step) {
    rows.push(
      `<line x1="${left}" y1="${y(value)}" x2="${right}" y2="${y(value)}" stroke="#d8dee4"/>`,
      `<text x="${left - 8}" y="${y(value) + 4}" text-anchor="end">${value}</text>`,
    );
  }
  const every = roundStep(seconds / TICKS);
  for (let second = 0; second <= seconds; second += every) {
    rows.push(
      `<line x1="${x(second)}" y1="${bottom}" x2="${x(second)}" y2="${bottom + 4}" stroke="#57606a"/>`,
      `<text x="${x(second)}" y="${bottom + 18}" text-anchor="middle">${second}</text>`,
    );
  }
  const middle = PANEL.top + PANEL.height / 2;
  rows.push(
    `<line x1="${left}" y1="${bottom}" x2="${right}" y2="${bottom}" stroke="#57606a"/>`,
    `<text x="${left + PANEL.width / 2}" y="${bottom + 36}" text-anchor="middle">seconds</text>`,
    `<text x="${left - 50}" y="${middle}" text-anchor="middle" transform="rotate(-90 ${left - 50} ${middle})">requests</text>`,
    `<line x1="${x(killedAt)}" y1="${PANEL.top - 4}" x2="${x(killedAt)}" y2="${bottom}" stroke="#cf222e"/>`,
    `<text x="${x(killedAt)}" y="${PANEL.top - 10}" text-anchor="middle" fill="#cf222e">a worker is killed (SIGKILL)</text>`,
  );
  for (const [i, route] of ROUTES.entries()) {
    const line = (values: Values, stepped: boolean, more: string): string =>
      `<path d="${path(values, x, y, stepped)}" fill="none" stroke="${COLOURS[i]}" ${more}/>`;
    rows.push(line(half.clients[route], false, 'stroke-width="1.5" stroke-dasharray="5 4"'));
    rows.push(line(half.scraped[route], true, 'stroke-width="2.5"'));
  }
  return rows.join('\n');
}

/** A value is held until the next, as Prometheus has it; where there is none the line breaks. */
function path(values: Values, x: Scale, y: Scale, stepped: boolean): string {
  let text = '';
  let last: number | null = null;
  for (const [second, value] of values.entries()) {
    const previous = last;
    last = value;
    if (value === null) continue;
    if (previous === null) text += `M${x(second)} ${y(value)}`;
    else if (stepped && previous === value && values[second + 1] === value) continue;
    else text += `${stepped ? `H${x(second)}V` : `L${x(second)} `}${y(value)}`;
  }
  return text;
}

function legend(): string {
  const entries = [
    [0, COLOURS[0], '', 'GET /products/:id'],
    [170, COLOURS[1], '', 'GET /users/:user/orders'],
    [380, '#57606a', ' stroke-dasharray="5 4"', 'requests that clients made'],
  ] as const;
  return entries
    .map(([offset, colour, dashes, text]) => {
      const left = LEFT[0] + offset;
      return `<line x1="${left}" y1="366" x2="${left + 26}" y2="366" stroke="${colour}" stroke-width="2.5"${dashes}/>
<text x="${left + 34}" y="370">${text}</text>`;
    })
    .join('\n');
}

/** 1, 2 or 5 times a power of ten, and no less than asked for. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
}

const round = (pixels: number): number => Math.round(pixels * 10) / 10;
