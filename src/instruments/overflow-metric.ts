import { type Meter, ValueType } from '@opentelemetry/api';
import type { Guard } from '../guest/guard.ts';
import type { Overflows } from '../views/admission/overflows.ts';

/**
 * `routemeter.series.overflow` (counter): what the limit on series has collapsed, by instrument and attribute. It has no
 * series before anything was.
 */
export function observeOverflows(meter: Meter, overflows: Overflows, guard: Guard): void {
  meter
    .createObservableCounter('routemeter.series.overflow', {
      description: 'Measurements that lost the value of an attribute to the limit on series.',
      unit: '{measurement}',
      valueType: ValueType.INT,
    })
    .addCallback(
      guard('observable', (observation) => {
        for (const { measurements, attributes } of overflows.all())
          observation.observe(measurements, attributes);
      }),
    );
}
