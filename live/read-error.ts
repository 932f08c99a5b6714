import { plainText } from "../config/text/plain.ts";

/** The server, or a bucket, could not be looked at. The message is one sentence for a person. */
export class ReadError extends Error {
  /** True where no other bucket can be read either. */
  readonly everywhere: boolean;

  /** @param cause the error of the connection, where no answer came */
  constructor(message: string, everywhere: boolean, cause?: unknown) {
    super(plainText(message), { cause });
    this.name = "ReadError";
    this.everywhere = everywhere;
  }
}
