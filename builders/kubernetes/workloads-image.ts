import { isProgramImage } from "../../config/values/image.ts";

/** Nobody's, as images/workloads has it. */
export const WORKLOADS_USER = 1000;
/** The one folder to which its programs write. */
export const WORKLOADS_HOME = "/home/bucketworks";

/** The same of a workload's image: a data program's is its HOME_DIR, below which it works. */
export function homeOf(image: string | null): string {
  return isProgramImage(image) ? `/pipeline-${image}` : WORKLOADS_HOME;
}
