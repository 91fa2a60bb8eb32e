/** One sample of a scrape. */
export interface Scraped {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads the text format of Prometheus. */
export class Scrape {
  /** Of families: `# TYPE name kind`. */
  readonly kinds: ReadonlyMap<string, string>;
  readonly samples: readonly Scraped[];

  constructor(text: string) {
    const lines = text.split("\n");
    this.kinds = new Map(
      lines.flatMap((line) => {
        const [, name, kind] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
        return name && kind ? [[name, kind] as const] : [];
      }),
    );
    this.samples = lines.filter((line) => line !== "" && !line.startsWith("#")).map(sampleOf);
  }

  /** The one sample with these labels, whatever other labels it has; undefined: there is none. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const found = this.all(name, labels);
    if (found.length > 1) throw new Error(`${found.length} samples of ${name} have ${JSON.stringify(labels)}`);
    return found[0]?.value;
  }

  all(name: string, labels: Readonly<Record<string, string>> = {}): readonly Scraped[] {
    return this.samples.filter(
      (sample) =>
        sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    );
  }
}

function sampleOf(line: string): Scraped {
  const [, name, labels = "", value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined) throw new Error(`not a sample: ${line}`);
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, text]) => [label, text]);
  return {
    name,
    labels: Object.fromEntries(pairs),
    value: value === "+Inf" ? Number.POSITIVE_INFINITY : Number(value),
  };
}
