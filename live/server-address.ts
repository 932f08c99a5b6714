import type { ServerConfig } from "../provider/server/connection.ts";

/** Where the server is, who asks, and for messages where that was found. */
export interface ServerAddress extends ServerConfig {
  /** Where endpoint and credentials were found, for messages. */
  readonly endpointFrom?: string | undefined;
  readonly credentialsFrom?: string | undefined;
  /** What to set where the server is of another region, for messages; given its name. */
  readonly regionFix?: ((region: string) => string) | undefined;
}

export function urlOf({ secure, endpoint }: ServerAddress): string {
  return `${secure ? "https" : "http"}://${endpoint}`;
}
