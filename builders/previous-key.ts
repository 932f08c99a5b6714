const SUFFIX = "/previous";

/** Logical name of the key that a service account had before, while it is being replaced. No account has a slash in its name. */
export function previousName(logical: string): string {
  return `${logical}${SUFFIX}`;
}

/** The logical name of the account itself; undefined where this isn't the name of a former key. */
export function replacedName(logical: string): string | undefined {
  const name = logical.endsWith(SUFFIX) ? logical.slice(0, -SUFFIX.length) : "";
  return name.includes("/") ? name : undefined;
}
