import { UnknownValueError } from "@pulumi/policy";
import { type Fact, Unknown } from "../facts.ts";

/** A resource as a policy pack gets it: at a preview, at an update, or from an exported state. Secrets are in plaintext. */
export interface RegisteredResource {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** Reading a value that isn't known yet throws. */
  readonly props: Record<string, unknown>;
  readonly opts: { readonly protect: boolean };
}

/** What is read, or that it isn't known yet. */
export function fact<T>(read: () => T): Fact<T> {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && error instanceof UnknownValueError) return new Unknown(error);
    throw error;
  }
}
