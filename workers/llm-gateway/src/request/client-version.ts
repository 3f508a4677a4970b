const VERSION =
  /^(?<major>\d{1,6})(?:\.(?<minor>\d{1,3}))?(?:\.(?<patch>\d{1,3}))?(?:-[A-Za-z0-9.]+)?(?: |$)/;
const EXTENSION = 'Kilo-Code/';

/**
 * A version as one comparable number: `4.65.3` becomes 4.065003. Ignores pre-release names and everything after a space.
 * Null: not a version.
 */
export function versionNumberOf(text: string): number | null {
  const { major, minor = '0', patch = '0' } = VERSION.exec(text)?.groups ?? {};
  if (major === undefined) return null;
  // Divide only once: summing fractions would add rounding errors.
  return (Number(major) * 1_000_000 + Number(minor) * 1000 + Number(patch)) / 1_000_000;
}

/** The client's version, from its own header or from the extension's `user-agent`. */
export function clientVersionOf(headers: Headers): number | null {
  const said = headers.get('x-kilocode-version');
  if (said !== null) return versionNumberOf(said.trim());
  const agent = headers.get('user-agent') ?? '';
  return agent.startsWith(EXTENSION) ? versionNumberOf(agent.slice(EXTENSION.length)) : null;
}
