/** Where to ask, and with what: `fetch` takes no URL with a name and a password in it, so they go into a header. */
export interface Address {
  readonly place: URL;
  readonly headers: Readonly<Record<string, string>>;
}

/** @throws where it is no URL */
export function addressOf(url: string): Address {
  const place = new URL(url);
  const { username, password } = place;
  if (username === "" && password === "") return { place, headers: {} };
  [place.username, place.password] = ["", ""];
  const secret = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64");
  return { place, headers: { authorization: `Basic ${secret}` } };
}

/** An address for people: without a name and a password that somebody put into it. */
export function shownAddress(url: string): string {
  const { host, origin } = URL.canParse(url) ? new URL(url) : { host: "", origin: "" };
  return host === "" ? "the address given" : origin;
}
