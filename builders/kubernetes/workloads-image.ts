/** Nobody's, as images/workloads has it. */
export const WORKLOADS_USER = 1000;
/** The one folder to which its programs write. */
export const WORKLOADS_HOME = "/home/bucketworks";
