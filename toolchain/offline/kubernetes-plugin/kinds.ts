/** What a resource's type says it is. */
export interface Kind {
  /** As objects say it: `v1`, `apps/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
}

/** What the stand-in can't treat as the official plugin does, by the beginning of a type. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/^kubernetes:helm/, "Helm charts and releases"],
  [/^kubernetes:kustomize/, "kustomizations"],
  [/^kubernetes:yaml/, "groups of YAML files"],
  [/Patch$/, "patches of objects that somebody else made"],
  [/List$/, "lists of objects"],
];

/**
 * @param type `kubernetes:apps/v1:StatefulSet`
 * @throws naming what the stand-in refuses
 */
export function kindOf(type: string): Kind {
  const refused = REFUSED.find(([pattern]) => pattern.test(type));
  if (refused !== undefined) {
    throw new Error(
      `${type}: this is the stand-in for the kubernetes plugin, it doesn't treat ${refused[1]}; install the official plugin: pulumi plugin install resource kubernetes`,
    );
  }
  const [, module = "", kind = ""] = type.split(":");
  const [group = "", version = ""] = module.split("/");
  if (version === "" || kind === "") throw new Error(`${type} is no type of the kubernetes plugin`);
  return { apiVersion: group === "core" ? version : `${group}/${version}`, kind };
}

const SELECTED = ["spec.selector"];
const IMMUTABLE: Readonly<Record<string, readonly string[]>> = {
  ConfigMap: ["data", "binaryData"],
  DaemonSet: SELECTED,
  Deployment: SELECTED,
  Job: ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  PersistentVolumeClaim: ["spec"],
  RoleBinding: ["roleRef"],
  ClusterRoleBinding: ["roleRef"],
  Secret: ["type", "data", "stringData"],
  Service: ["spec.clusterIP"],
  StatefulSet: [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  StorageClass: ["parameters", "provisioner"],
};
const NEVER_IN_PLACE = ["metadata.name", "metadata.namespace"];

/** Fields whose change makes the official plugin replace an object. */
export function replacing(kind: string): readonly string[] {
  return [...NEVER_IN_PLACE, ...(IMMUTABLE[kind] ?? [])];
}
