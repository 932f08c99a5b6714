import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files of a minute and more, the longest first. One that is missing here costs time at the end of a run, nothing else. */
const LONGEST = [
  "minio-on-kubernetes",
  "postgres-on-kubernetes",
  "faults",
  "kubernetes-faults",
  "import-server",
  "identities",
  "never-lost",
  "taking-over",
  "local-up",
  "lost-credentials",
  "keys",
  "local-faults",
  "purge",
  "five-platforms",
  "local-postgres",
  "production-on-kubernetes",
  "spec-to-server",
  "fidelity",
  "production",
  "disk-full-state",
  "data-safety",
  "interrupted",
  "comment",
  "scan",
  "monitoring",
  "two-stages",
  "refused-production",
  "upgrade",
  "drift",
].map((name) => `/test/e2e/${name}.test.ts`);

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
