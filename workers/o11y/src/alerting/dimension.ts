import type { Severity } from './windows.ts';

/** What one alert is about. */
export type Dimension = {
  readonly provider: string;
  readonly model: string;
  readonly clientName: string;
};

export const dimensionKey = ({ provider, model, clientName }: Dimension): string =>
  `${provider}:${model}:${clientName}`;

export type AlertType = 'error_rate' | 'ttfb';

export const alertKey = (severity: Severity, type: AlertType, dimension: Dimension): string =>
  `o11y:alert:${severity}:${type}:${dimensionKey(dimension)}`;
