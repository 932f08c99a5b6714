import type * as pulumi from "@pulumi/pulumi";
import type { Manifest } from "../../builders/kubernetes/manifest.ts";

/** Its end has to be seen, too. */
const MARGIN_SECONDS = 60;

/** A Job is waited for as long as it may run: the provider's own ten minutes end before many a deadline. */
export function jobTimeouts({ spec }: Manifest): pulumi.CustomTimeouts {
  const { activeDeadlineSeconds } = spec as { activeDeadlineSeconds: number };
  const whole = `${activeDeadlineSeconds + MARGIN_SECONDS}s`;
  return { create: whole, update: whole };
}
