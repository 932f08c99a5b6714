/** Data programs of pipelines/ with an image of their own. */
export const PIPELINE_IMAGES = ["cybersec", "dataops", "features", "mlops"] as const;

/** Images that a workload names by the bare name: those, and the one in which `bucketworks` has the statistics of experiments beside it. */
export const PROGRAM_IMAGES = ["cybersec", "dataops", "experiments", "features", "mlops"] as const;

export type ProgramImage = (typeof PROGRAM_IMAGES)[number];

export function isProgramImage(image: string | null): image is ProgramImage {
  return PROGRAM_IMAGES.some((each) => each === image);
}

/** Its Dockerfile, from the project's root. */
export function dockerfileOf(image: ProgramImage): string {
  return image === "experiments" ? "images/experiments/Dockerfile" : `pipelines/${image}/Dockerfile`;
}

const IMAGE = /^[^\s:@]+(?::\d+\/[^\s:@]+)?(:[\w.-]+|@sha256:[0-9a-f]{64})$/;

/** What is wrong with the reference of an image, to follow it; null for one that always names the same version. */
export function imageFault(image: string): string | null {
  if (!IMAGE.test(image)) return "must name a tag or a digest";
  return image.endsWith(":latest") ? "must name one version, not latest" : null;
}
