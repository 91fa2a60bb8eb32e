/**
 * A value that is here already, or comes later. Admission finds nearly all it needs in its copies, and a promise for what is here would
 * make every request wait in each function that it passes.
 */
export type Soon<T> = T | Promise<T>;

/** What follows from the value: at once when it is here. */
export function andThen<T, U>(value: Soon<T>, next: (value: T) => Soon<U>): Soon<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** What comes of some work, or what to have instead when it fails, now or later. */
export function orElse<T>(work: () => Soon<T>, instead: (error: unknown) => Soon<T>): Soon<T> {
  try {
    const value = work();
    return value instanceof Promise ? value.catch(instead) : value;
  } catch (error) {
    return instead(error);
  }
}
