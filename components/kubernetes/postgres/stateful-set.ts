import * as pulumi from "@pulumi/pulumi";
import { parted } from "../../../builders/kubernetes/manifest.ts";
import { withPodAnnotation } from "../../../builders/kubernetes/pod-annotation.ts";
import { bootstrapStatements } from "../../../builders/postgres/configuration.ts";
import type { DatabasePlan } from "../../../builders/postgres/database-plan.ts";
import { KEY_ANNOTATION, metadata } from "../../../builders/postgres/kubernetes/manifest.ts";
import { oneServer } from "../../../builders/postgres/kubernetes/stateful-set.ts";
import { metricsRoleStatements } from "../../../builders/postgres/metrics-role.ts";
import { ownerVerifier } from "../../../builders/postgres/passwords.ts";
import type { OnePostgres } from "../../../config/postgres-server/schema.ts";
import { inputText } from "../input-text.ts";
import type { PostgresParts } from "./parts.ts";

/**
 * One server, which starts again with another key.
 * @param metrics whether a role reads its statistics
 * @param mark tells one key from another
 */
export function statefulSetParts(
  server: OnePostgres,
  { plan, metrics }: { readonly plan: DatabasePlan; readonly metrics: boolean },
  key: pulumi.Input<string>,
  mark: pulumi.Output<string>,
): PostgresParts {
  const [sets, needed] = parted(oneServer(server, plan, metrics), "StatefulSet");
  const statements = pulumi
    .output(key)
    .apply((text) => bootstrapStatements(ownerVerifier(text)) + (metrics ? metricsRoleStatements(text) : ""));
  return {
    needed,
    server: sets.map((each) => withPodAnnotation(each, KEY_ANNOTATION, inputText(mark))),
    options: {},
    beside: [],
    secrets: [{ metadata: metadata(server, "bootstrap"), data: { "bootstrap.sql": statements } }],
  };
}
