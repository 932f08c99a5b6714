/** The project's own platforms. What else lies in their folder is somebody's own, and no test's business. */
export const PLATFORMS = ["cybersec", "dataops", "ml-security", "mlops", "usdcop"] as const;

/** Their files, from the project's root. */
export const PLATFORM_FILES = PLATFORMS.map((name) => `config/platforms/${name}.yaml`);

/** What users write their own settings into, as it is before they do. */
export const UNTOUCHED: Readonly<Record<string, string>> = {
  "Pulumi.dev.yaml": "config:\n  bucketworks:stage: dev\n",
  "Pulumi.production.yaml": "config:\n  bucketworks:stage: production\n  bucketworks:secure: true\n",
};

/** Whether a file, from the project's root, is the project's and not its user's: platforms, stacks, what a scan ignores. */
export function isOurs(path: string): boolean {
  if (path.startsWith("config/platforms/")) return PLATFORM_FILES.includes(path);
  return !/^(?:Pulumi\.[^/]+\.yaml|config\/scan-ignore\.ya?ml)$/.test(path);
}
