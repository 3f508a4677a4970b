const VERSION =
  /^(?<major>\d{1,6})(?:\.(?<minor>\d{1,3}))?(?:\.(?<patch>\d{1,3}))?(?:-[A-Za-z0-9.]+)?(?: |$)/;
const EXTENSION = 'Kilo-Code/';

/**
 * A version as one number, so that versions can be compared: `4.65.3` is 4.065003. What follows a blank, and a pre-release's
 * name, are left out. Null: it is none.
 */
export function versionNumberOf(text: string): number | null {
  const { major, minor = '0', patch = '0' } = VERSION.exec(text)?.groups ?? {};
  if (major === undefined) return null;
  // Divided once: a sum of fractions would not be the number that is written.
  return (Number(major) * 1_000_000 + Number(minor) * 1000 + Number(patch)) / 1_000_000;
}

/** The version of a client that says it: in a header of its own, or, as the extension does, in its `user-agent`. */
export function clientVersionOf(headers: Headers): number | null {
  const said = headers.get('x-kilocode-version');
  if (said !== null) return versionNumberOf(said.trim());
  const agent = headers.get('user-agent') ?? '';
  return agent.startsWith(EXTENSION) ? versionNumberOf(agent.slice(EXTENSION.length)) : null;
}
