/** Data programs of pipelines/ with an image of their own, which a workload names by the bare name. */
export const PROGRAM_IMAGES = ["cybersec", "dataops", "features", "mlops"] as const;

export type ProgramImage = (typeof PROGRAM_IMAGES)[number];

export function isProgramImage(image: string | null): image is ProgramImage {
  return PROGRAM_IMAGES.some((each) => each === image);
}

const IMAGE = /^[^\s:@]+(?::\d+\/[^\s:@]+)?(:[\w.-]+|@sha256:[0-9a-f]{64})$/;

/** What is wrong with the reference of an image, to follow it; null for one that always names the same version. */
export function imageFault(image: string): string | null {
  if (!IMAGE.test(image)) return "must name a tag or a digest";
  return image.endsWith(":latest") ? "must name one version, not latest" : null;
}
