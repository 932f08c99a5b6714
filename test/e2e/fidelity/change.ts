import type { Finding } from "../../../scan/finding.ts";
import type { Mc } from "../../support/mc.ts";
import type { TestServer } from "../../support/minio.ts";

/**
 * Which way a change goes: less or more protection or access, something that came or went, what no spec names, or the same
 * in another form, which must not be found.
 */
export type Direction = "weaker" | "stronger" | "added" | "removed" | "unmanaged" | "same";

/** What somebody does by hand to a subject that no other change touches. */
export interface Change {
  /** In words, for the table. */
  readonly what: string;
  readonly direction: Direction;
  /** What a scan must find. */
  readonly kind: Finding["kind"];
  readonly subject: Finding["subject"]["kind"];
  readonly name: string;
  /** Logical names of the resources that this is about; what no spec names has none. */
  readonly resources: readonly string[];
  /** True where a refresh ends in an error because of it, and shows no other change either. */
  readonly stopsRefresh?: true;
  readonly make: (hand: Hand) => Promise<unknown>;
}

/** With what changes are made. */
export interface Hand {
  /** Its alias of the server is `t`. */
  readonly mc: Mc;
  /** The server itself, and another one. */
  readonly server: TestServer;
  readonly remote: TestServer;
  /** Access key of a service account of the stack, by its logical name. */
  readonly accessKey: (account: string) => string;
}
