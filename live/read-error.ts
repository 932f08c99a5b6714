import { plainText } from "../config/text/plain.ts";

/** The server, or a bucket, could not be looked at. The message is one sentence for a person. */
export class ReadError extends Error {
  /** True where no other bucket can be read either. */
  readonly everywhere: boolean;

  constructor(message: string, everywhere: boolean) {
    super(plainText(message));
    this.name = "ReadError";
    this.everywhere = everywhere;
  }
}
