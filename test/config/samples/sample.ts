/** Values of a row of the table that are good, and values that are not. */
export interface Sample {
  /** Texts, and what they mean. */
  readonly good: Readonly<Record<string, unknown>>;
  /** The first good value, from code. */
  readonly option?: unknown;
  /** Texts, and what their messages say between the value and what is accepted. */
  readonly bad?: Readonly<Record<string, string | readonly string[]>>;
  readonly accepted?: string;
  /** Values from code, and what their messages say; the whole of it if something else is accepted. */
  readonly badOptions?: readonly (readonly [value: unknown, ...whats: string[]])[];
}

export type Samples = Readonly<Record<string, Sample>>;

/** For each of some texts. */
export const each = <T>(texts: readonly string[], value: (text: string) => T): Record<string, T> =>
  Object.fromEntries(texts.map((text) => [text, value(text)]));

export const boolean = (bad: string): Sample => ({
  good: { true: true, FALSE: false },
  option: true,
  bad: { [bad]: 'not a boolean' },
  accepted: 'true, false',
  badOptions: [['true', 'not a boolean']],
});

/** @param good the first is itself an option */
export const choice = (good: Sample['good'], bad: string, accepted: string, what?: string): Sample => ({
  good,
  option: Object.values(good)[0],
  bad: { [bad]: what ?? 'not one of the accepted values' },
  accepted,
  badOptions: [[3, 'not one of the accepted values']],
});

export const integer = (least: number, most: number): Sample => ({
  good: { [` ${most}`]: most, [` ${least}`]: least },
  option: most,
  bad: {
    ...each([`-${least}`, '0x10', '10s', '1.5'], () => 'not an integer'),
    ...each([`${most + 1}`, ...(least > 0 ? [`${least - 1}`] : [])], () => 'out of range'),
  },
  accepted: `an integer from ${least} to ${most}`,
  badOptions: [
    [`${least}`, 'not an integer'],
    [least + 0.5, 'not an integer'],
    [Number.NaN, 'not an integer'],
    [most + 1, 'out of range'],
  ],
});

export const MILLISECONDS = integer(1, 2 ** 31 - 1);

export const NOT_AN_ARRAY = "not an array of strings; accepted: an array such as ['a', 'b']";
export const NOT_AN_OBJECT = 'not an object; accepted: an object of strings';
