/** As names and values mean it, not encoded yet; a sub-resource has an empty value, a list is one name several times. */
export type Query = Readonly<Record<string, string | readonly string[]>>;

/** A request; without `method` a read. */
export interface Request {
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  readonly bucketName?: string;
  readonly objectName?: string;
  readonly query?: Query;
  readonly headers?: Readonly<Record<string, string>>;
  /** Only with PUT. */
  readonly payload?: string | Buffer;
}

/** A request as it goes over the wire. */
export interface RawRequest {
  readonly method: string;
  /** Path and query, encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** `x-amz-version-id`: the version that a request made. */
  readonly version?: string | undefined;
  /** `x-amz-request-id`: by which the server's own log names the request. */
  readonly requestId?: string | undefined;
  /** `date`: what time the server has. */
  readonly date?: string | undefined;
  /** The request was sent more than once: each arrival may have been carried out. */
  readonly repeated?: true;
}

/** An answer before it is taken for text. */
export interface RawAnswer extends Omit<Answer, "body"> {
  readonly body: Buffer;
}

export function asText(answer: RawAnswer): Answer {
  return { ...answer, body: answer.body.toString("utf8") };
}
