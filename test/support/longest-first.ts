import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files of a minute and more, the longest first. One that is missing here costs time at the end of a run, nothing else. */
const LONGEST = [
  "e2e/minio-on-kubernetes",
  "pipelines/dataops",
  "e2e/mlflow",
  "e2e/services-on-kubernetes",
  "notebooks/notebooks",
  "e2e/postgres-on-kubernetes",
  "pipelines/cybersec",
  "pipelines/bucketworks-python",
  "pipelines/mlops",
  "toolchain/bundle",
  "e2e/refused-files",
  "e2e/rollback",
  "e2e/rotation",
  "e2e/cleanup",
  "pages/services",
  "e2e/identities",
  "e2e/keys",
  "e2e/rollouts",
  "e2e/faults",
  "e2e/replication",
  "e2e/pipelines",
  "e2e/scan",
  "e2e/fidelity",
  "e2e/five-platforms",
  "e2e/never-lost",
  "e2e/platform-alerts",
  "e2e/local-postgres",
  "e2e/kubernetes-faults",
  "e2e/taking-over",
  "e2e/local-up",
  "e2e/purge",
  "e2e/production-on-kubernetes",
  "e2e/monitoring",
  "e2e/import-server",
  "e2e/lost-credentials",
  "e2e/platforms-dir",
  "e2e/notifications",
  "e2e/logs",
  "e2e/production",
  "e2e/monitor",
  "e2e/local-faults",
  "e2e/tiers",
  "e2e/upgrade",
  "e2e/scan-faults",
  "e2e/killed-accounts",
  "e2e/two-stages",
  "e2e/reports",
  "e2e/doctor",
  "e2e/disk-full-state",
  "e2e/interrupted",
].map((name) => `/test/${name}.test.ts`);

/** Begins with the files that take longest: one of them that began last would run alone at the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = LONGEST.findIndex((end) => moduleId.endsWith(end));
      return found === -1 ? LONGEST.length : found;
    };
    const group = ({ project }: TestSpecification): number => project.config.sequence.groupOrder;
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => group(a) - group(b) || place(a) - place(b));
  }
}
