import type * as pulumi from "@pulumi/pulumi";

/**
 * A text that is known later, or is a secret, where a manifest has a plain one: Pulumi awaits it wherever it stands in the
 * arguments of a resource. Until then nobody may read it.
 */
export function inputText(text: pulumi.Input<string>): string {
  return text as string;
}
