/** Nothing but scheme, host and port: the URL of another object store. */
export function isOrigin(given: string): boolean {
  if (!/^https?:\/\//.test(given) || !URL.canParse(given)) return false;
  const { origin } = new URL(given);
  return origin === given || `${origin}/` === given || withPort(given) === given;
}

/** A port that goes without saying may be said. */
function withPort(given: string): string {
  const { protocol, hostname } = new URL(given);
  return `${protocol}//${hostname}:${protocol === "https:" ? 443 : 80}`;
}
