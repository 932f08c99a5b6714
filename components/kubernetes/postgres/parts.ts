import type * as pulumi from "@pulumi/pulumi";
import type { Manifest, Metadata } from "../../../builders/kubernetes/manifest.ts";

/** What a PostgreSQL of either kind is made of. */
export interface PostgresParts {
  /** What the server waits for: its namespace, its settings, who reaches it. */
  readonly needed: readonly Manifest[];
  readonly server: readonly Manifest[];
  /** Of the server. */
  readonly options: pulumi.CustomResourceOptions;
  /** What names the server, and may be there before it. */
  readonly beside: readonly Manifest[];
  readonly secrets: readonly SecretArgs[];
}

export interface SecretArgs {
  readonly metadata: Metadata;
  readonly data: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** `Opaque` where absent. */
  readonly type?: string;
}
