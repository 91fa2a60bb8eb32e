/** What every object, list, text and function inherits, as it was at the start. */
const INHERITED = [Object.prototype, Array.prototype, String.prototype, Function.prototype].map((prototype) => {
  const keys = Reflect.ownKeys(prototype);
  const values = keys.flatMap((key) => {
    const value: unknown = Object.getOwnPropertyDescriptor(prototype, key)?.value;
    return value === undefined ? [] : [[key, value] as const];
  });
  return { prototype: prototype as unknown as Readonly<Record<string | symbol, unknown>>, keys, values };
});

/** The name of something that all objects inherit and that has come, gone or changed since; asked after every case. */
export function changedInheritance(): string | undefined {
  for (const { prototype, keys, values } of INHERITED) {
    const now = Reflect.ownKeys(prototype);
    if (now.length !== keys.length) {
      return String([...now, ...keys].find((key) => !now.includes(key) || !keys.includes(key)));
    }
    const changed = values.find(([key, value]) => prototype[key] !== value);
    if (changed) return String(changed[0]);
  }
  return undefined;
}
