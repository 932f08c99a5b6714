const LABEL_VALUE = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;

/** A name as objects of Kubernetes have it: whatever DNS doesn't know becomes a dash. */
export function objectName(text: string): string {
  const dashed = text.toLowerCase().replaceAll(/[^a-z0-9.-]/g, "-");
  // Each part between dots begins and ends with a letter or digit.
  return dashed.replaceAll(/[-.]*\.[-.]*/g, ".");
}

/** True for what Kubernetes takes as the value of a label. */
export function isLabelValue(text: string): boolean {
  return LABEL_VALUE.test(text);
}
