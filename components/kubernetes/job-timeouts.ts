import type * as pulumi from "@pulumi/pulumi";
import type { ManifestOf } from "../../builders/kubernetes/manifest.ts";

/** Its end has to be seen, too. */
const MARGIN_SECONDS = 60;

/** A Job is waited for as long as it may run: the provider's own ten minutes end before many a deadline. */
export function jobTimeouts({ spec }: ManifestOf<"Job">): pulumi.CustomTimeouts {
  if (spec.activeDeadlineSeconds === undefined) return {};
  const whole = `${spec.activeDeadlineSeconds + MARGIN_SECONDS}s`;
  return { create: whole, update: whole };
}
