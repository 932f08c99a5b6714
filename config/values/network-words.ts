/** What Node's codes say of a server that can't be reached. */
export const NETWORK_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection broken off",
  EPIPE: "connection broken off",
  ENOTFOUND: "host name unknown",
  EAI_AGAIN: "host name can't be looked up",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ETIMEDOUT: "no answer in time",
};
