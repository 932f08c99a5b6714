/** Name of the project, as Pulumi.yaml says it. */
export const PROJECT = "bucketworks";

/** The stack that a checkout runs on its own server. */
export const STACK = "dev";
