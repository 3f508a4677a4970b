/**
 * Tells whether an e-mail address belongs to a blacklisted domain or one of its subdomains.
 * @param domains separated by `|`; blanks and empty parts are ignored.
 */
export function blacklistOf(domains: string): (email: string) => boolean {
  const suffixes = domains
    .toLowerCase()
    .split('|')
    .map((domain) => domain.trim())
    .filter((domain) => domain !== '')
    .flatMap((domain) => [`@${domain}`, `.${domain}`]);
  return (email) => suffixes.some((suffix) => email.toLowerCase().endsWith(suffix));
}
