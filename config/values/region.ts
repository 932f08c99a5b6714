const FORM = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/** What is wrong with the name of a region, to follow the name itself; null is nothing. */
export function regionFault(name: string): string | null {
  return FORM.test(name) ? null : "must be lower-case letters, digits and dashes";
}
