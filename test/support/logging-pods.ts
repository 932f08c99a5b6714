import type { TestCluster } from "./kubernetes/cluster.ts";

const CONTAINER = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

/** A pod that Pod Security `restricted` admits and that runs a script of busybox; `/given` has the files, `/kept` outlives a restart. */
async function runScript(
  cluster: TestCluster,
  {
    namespace,
    name,
    script,
    files = {},
  }: Readonly<{ namespace: string; name: string; script: string; files?: object }>,
): Promise<void> {
  const metadata = { name, namespace, labels: { "app.kubernetes.io/name": name } };
  await cluster.apply(
    { apiVersion: "v1", kind: "ConfigMap", metadata, data: files },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata,
      spec: {
        restartPolicy: "OnFailure",
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
        containers: [
          {
            name: "writer",
            image: cluster.busybox,
            command: ["sh", "-c", script],
            securityContext: CONTAINER,
            volumeMounts: [
              { name: "given", mountPath: "/given" },
              { name: "kept", mountPath: "/kept" },
            ],
          },
        ],
        volumes: [
          { name: "given", configMap: { name } },
          { name: "kept", emptyDir: {} },
        ],
      },
    },
  );
}

/** A pod `name` that writes these lines and ends. */
export function writesLines(
  cluster: TestCluster,
  namespace: string,
  name: string,
  lines: readonly string[],
): Promise<void> {
  const files = { lines: lines.map((line) => `${line}\n`).join("") };
  return runScript(cluster, { namespace, name, script: "cat /given/lines", files });
}

/** A pod `name` that counts from 1 to `most`, ten a second; in the middle its container fails and is started again. */
export function counts(cluster: TestCluster, namespace: string, name: string, most: number): Promise<void> {
  const script = `i=$(cat /kept/last 2>/dev/null || echo 0)
while [ "$i" -lt ${most} ]; do
  i=$((i + 1)); echo "$i" >/kept/last; echo "counts $i"
  [ "$i" -ne ${most / 2} ] || exit 1
  sleep 0.1
done`;
  return runScript(cluster, { namespace, name, script });
}
