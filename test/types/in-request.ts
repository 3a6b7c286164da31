/** Calls that compile, and calls that do not. `npm run check` reads this file; nothing runs it. */
import {
  count,
  ignore,
  metered,
  type Options,
  observe,
  route,
  start,
  stop,
  type Timer,
  tag,
  time,
} from '../../src/index.ts';

count('user.signup');
count('items.sold', 3);
// @ts-expect-error a name is needed
count();
// @ts-expect-error a name is a string
count(3);
// @ts-expect-error a value is a number
count('items.sold', '3');
// @ts-expect-error there are no attributes but the route and the tags
count('items.sold', 3, { item: 'book' });
// @ts-expect-error it returns nothing
count('user.signup').stop();

observe('cart.size', 3);
observe('cart.size', 3, { unit: '{item}' });
// @ts-expect-error a value is needed
observe('cart.size');
// @ts-expect-error a unit is a string
observe('cart.size', 3, { unit: 3 });
// @ts-expect-error a unit is an option
observe('cart.size', 3, 'By');
// @ts-expect-error no other options
observe('cart.size', 3, { units: 'By' });

ignore();
// @ts-expect-error it takes no argument
ignore(true);

tag('plan', 'pro');
// @ts-expect-error a value is needed
tag('plan');
// @ts-expect-error a value is a string
tag('plan', true);

route('/users/[id]');
const [matched, missed, unknown]: [string, null, undefined] = ['/', null, undefined];
for (const pattern of [matched, missed, unknown]) route(pattern);
// @ts-expect-error a pattern is a string
route(/^\/users/);
// @ts-expect-error it has to be given
route();

const sum: number = time('sum', () => 1 + 1);
const rows: Promise<string[]> = time('db.query', async () => ['a']);
const steps: Generator<number, string, boolean> = time('steps', function* (): Generator<
  number,
  string,
  boolean
> {
  return (yield 1) ? 'a' : 'b';
});
class Query extends Promise<string[]> {
  where(): this {
    return this;
  }
}
const query: Query = time('db.query', () => new Query(() => {})).where();
const timer: Timer = time('block');
timer.stop();
timer.stop(new Error('no'));
{
  using _ = time('block');
}
// @ts-expect-error the function has no parameters
time('sum', (value: number) => value);
// @ts-expect-error a function that returns a promise, not the promise
time('db.query', Promise.resolve(1));
// @ts-expect-error the call returns what the function returns
const text: string = time('sum', () => 1);
// @ts-expect-error a timer is not a function
time('block')();

const double = metered((value: number) => value * 2);
const doubled: number = double(21);
// @ts-expect-error its parameters are those of the function
double('21');
// @ts-expect-error its result is that of the function
const wrong: string = double(21);
metered(double, 'double');
// @ts-expect-error a name is a string
metered(double, 3);
// @ts-expect-error a function is needed
metered('double');
// @ts-expect-error a class cannot be called
metered(Query);

const generic = metered(<Value>(value: Value): Value[] => [value]);
const texts: string[] = generic('a');
function overloaded(value: string): string;
function overloaded(value: number): number;
function overloaded(value: string | number): string | number {
  return value;
}
const both: [string, number] = [metered(overloaded)('a'), metered(overloaded)(1)];
const withThis = metered(function (this: { factor: number }, value: number): number {
  return this.factor * value;
});
withThis.call({ factor: 2 }, 21);
// @ts-expect-error `this` is that of the function
withThis(21);
const withProperty: { (value: number): number; route: string } = metered(
  Object.assign((value: number) => value, { route: '/x' }),
);

const options: Options = { tags: { plan: ['free', 'pro'] } };
start(options);
const stopped: Promise<void> = stop();

void [sum, rows, steps, query, text, doubled, wrong, texts, both, withProperty, stopped];
