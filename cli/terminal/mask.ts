/**
 * A text to be shown, with each secret as `***`, also where a program has written it in quotes, in a log line once and twice.
 */
export function masked(text: string, secrets: readonly string[]): string {
  const forms = secrets.flatMap((secret) => [secret, quoted(secret), quoted(quoted(secret))]);
  const known = [...new Set(forms)].filter((form) => form !== "").sort((a, b) => b.length - a.length);
  return known.reduce((shown, form) => shown.replaceAll(form, "***"), text);
}

function quoted(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
