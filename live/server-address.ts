import type { ServerConfig } from "../provider/server/connection.ts";

/** Where the server is, who asks, and for messages where that was found. */
export interface ServerAddress extends ServerConfig {
  /** Where endpoint and credentials were found, for messages. */
  readonly endpointFrom?: string | undefined;
  readonly credentialsFrom?: string | undefined;
  /** What to set where the server is of another region, for messages; given its name. */
  readonly regionFix?: ((region: string) => string) | undefined;
  /** How long an answer may take, seconds. @default 15 */
  readonly answerSeconds?: number | undefined;
  /** Told of each request once its answer is there, or isn't had. */
  readonly onRequest?: ((request: RequestTime) => void) | undefined;
}

/** One request as a log shows it: nothing that is signed or secret. */
export interface RequestTime {
  readonly method: string;
  /** With the names of what it asks for, without their values. */
  readonly path: string;
  /** Undefined where no answer came. */
  readonly status: number | undefined;
  readonly milliseconds: number;
}

export function urlOf({ secure, endpoint }: ServerAddress): string {
  return `${secure ? "https" : "http"}://${endpoint}`;
}
