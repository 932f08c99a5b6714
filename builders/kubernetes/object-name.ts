/** A name as objects of Kubernetes have it: whatever DNS doesn't know becomes a dash. */
export function objectName(text: string): string {
  const dashed = text.toLowerCase().replaceAll(/[^a-z0-9.-]/g, "-");
  // Each part between dots begins and ends with a letter or digit.
  return dashed.replaceAll(/[-.]*\.[-.]*/g, ".");
}
