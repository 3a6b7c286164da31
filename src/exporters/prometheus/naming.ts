import type { MetricData } from '@opentelemetry/sdk-metrics';
import { type Kind, kindOf } from '../../metric-data/kind.ts';
import { labelName } from '../../metric-data/labels.ts';
import { familyName, utf8FamilyName } from '../../metric-data/names.ts';
import { type EscapingScheme, escapeLabel, escapeName, wellFormed } from './escaping.ts';

/** What instruments and attributes are called in an exposition. */
export interface Naming {
  /** @returns undefined if nothing writable is left of the name */
  readonly family: (name: string, unit: string, kind: Kind) => string | undefined;
  readonly label: (key: string) => string;
}

/** `http_server_request_duration_seconds` and `http_route`, whatever the client accepts. */
export const UNDERSCORES: Naming = { family: familyName, label: labelName };

/**
 * `http.server.request.duration_seconds` and `http.route`, escaped as the client asks for it: `NoUTF8EscapingWithSuffixes`
 * of https://opentelemetry.io/docs/specs/otel/metrics/sdk_exporters/prometheus/#configuration
 */
export function utf8Naming(scheme: EscapingScheme): Naming {
  return {
    family(name, unit, kind) {
      const written = utf8FamilyName(wellFormed(name), wellFormed(unit), kind);
      return name === '' ? undefined : escapeName(written, scheme);
    },
    label(key) {
      const label = escapeLabel(wellFormed(key), scheme);
      // Prometheus keeps names that begin with two underscores to itself.
      return label === '' || label.startsWith('__') ? labelName(key) : label;
    },
  };
}

/** The name of a metric's family. */
export function nameOf({ family }: Naming, metric: MetricData): string | undefined {
  const { name, unit } = metric.descriptor;
  return family(name, unit, kindOf(metric));
}
