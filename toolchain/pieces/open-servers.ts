/** Advisories by which anybody who knows a user's name writes objects; upstream ended before they were answered. */
const OPEN = ["CVE-2026-41145", "CVE-2026-40344", "SN-2026-011"];

/**
 * Why a server must not be used, from what it names in `--version`; undefined for Silo from the pinned release on and for our
 * own build with the present fixes. Upstream was archived in April 2026: none of its releases is as young as the pinned Silo.
 * @param expected Silo's pinned release, and the mark of our fixes
 */
export function whyOpen(
  found: { readonly release: string; readonly commit: string },
  expected: { readonly silo: string; readonly mark: string },
): string | undefined {
  // release tags sort by date
  if (found.release >= expected.silo || found.commit.endsWith(`-fixes.${expected.mark}`)) return undefined;
  const name = found.commit.includes("-fixes.") ? `${found.release} with other fixes` : found.release;
  return `is ${name}, which may be open to ${OPEN.join(", ")} (docs/servers.md)`;
}
