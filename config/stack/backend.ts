const SCHEME = "file://";

/** The folder of a file backend as Pulumi takes it, `PULUMI_BACKEND_URL`; env.sh says the same. */
export function backendUrl(folder: string): string {
  const path = folder.replaceAll("%", "%25").replaceAll("#", "%23").replaceAll("?", "%3F");
  return `${SCHEME}${path}?metadata=skip`;
}

/**
 * The folder that a `file://` backend names, without a slash at its end; undefined for any other backend. The wrapper
 * `toolchain/bin/pulumi` reads it the same way.
 */
export function backendFolder(url: string): string | undefined {
  if (!url.startsWith(SCHEME)) return undefined;
  const path = url
    .slice(SCHEME.length)
    .replace(/[?#].*$/s, "")
    .replace(/(?<=.)\/+$/s, "");
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
