/**
 * Whether a version comes after another. Versions of Kubernetes are decimals that only rise; of versions that are something else (an
 * aggregated API server may use what it likes) every other one counts as newer.
 */
export function isNewerVersion(version: string | undefined, than: string): version is string {
  if (version === undefined || version === than) return false;
  if (!DECIMAL.test(version) || !DECIMAL.test(than)) return true;
  return version.length === than.length ? version > than : version.length > than.length;
}

const DECIMAL = /^[1-9]\d*$/;
