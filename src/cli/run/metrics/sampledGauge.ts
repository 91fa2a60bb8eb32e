import { Gauge, type MetricObjectWithValues, type MetricValue, type Registry } from "prom-client";

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface SampledGaugeOptions {
  readonly name: string;
  readonly help: string;
  /** Asked at each scrape. No sample: the metric has none at the moment. */
  readonly read: () => Iterable<Sample>;
}

/** A gauge that remembers nothing: what is gone since the last scrape is gone from the metric. */
export function sampledGauge(registry: Registry, options: SampledGaugeOptions): void {
  registry.registerMetric(new SampledGauge(options));
}

class SampledGauge extends Gauge {
  readonly #options: SampledGaugeOptions;

  constructor(options: SampledGaugeOptions) {
    super({ name: options.name, help: options.help, registers: [] });
    this.#options = options;
  }

  override async get(): Promise<MetricObjectWithValues<MetricValue<string>>> {
    const values = [...this.#options.read()].map(({ labels = {}, value }) => ({ labels, value }));
    return { ...(await super.get()), values };
  }
}
