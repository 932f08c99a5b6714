/** Where the server is and who asks. */
export interface ServerAddress {
  /** host:port, no scheme. */
  readonly endpoint: string;
  readonly secure: boolean;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** File with the certificate authority to trust, PEM. */
  readonly caFile?: string | undefined;
  /** Where endpoint and credentials were found, for messages. */
  readonly endpointFrom?: string | undefined;
  readonly credentialsFrom?: string | undefined;
  /** What to set where the server is of another region, for messages; given its name. */
  readonly regionFix?: ((region: string) => string) | undefined;
  /** What to do where nothing listens, for messages; absent is the usual advice. */
  readonly wayIn?: string | undefined;
}

export function urlOf({ secure, endpoint }: ServerAddress): string {
  return `${secure ? "https" : "http"}://${endpoint}`;
}
