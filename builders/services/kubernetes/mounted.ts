import type { V1EnvVar, V1Volume } from "@kubernetes/client-node";

/** Files that a program reads. */
export interface Mounted {
  readonly path: string;
  readonly volume: V1Volume;
}

/** One file of a Secret. */
export function secretFile(name: string, path: string, secretName: string, key: string): Mounted {
  return { path, volume: { name, secret: { secretName, defaultMode: 0o440, items: [{ key, path: key }] } } };
}

/** All files of a ConfigMap. */
export function settingsFiles(path: string, configMap: string): Mounted {
  return { path, volume: { name: "settings", configMap: { name: configMap } } };
}

/** Variables as they are, but those that a Secret has come from there: nothing of it stands here. */
export function variables(
  plain: Readonly<Record<string, string>>,
  secrets: Readonly<Record<string, readonly string[]>>,
): V1EnvVar[] {
  const hidden = new Set(Object.values(secrets).flat());
  // The API server leaves out values that are empty, and a refresh would show the difference.
  const shown = Object.entries(plain).filter(([name, value]) => !hidden.has(name) && value !== "");
  return [
    ...Object.entries(secrets).flatMap(([secret, names]) =>
      names.map((name) => ({ name, valueFrom: { secretKeyRef: { name: secret, key: name } } })),
    ),
    ...shown.map(([name, value]) => ({ name, value })),
  ];
}
