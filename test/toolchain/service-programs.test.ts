import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { bootstrap, fakeCheckout, run, script } from "./checkout.ts";

const AUTO = { BUCKETWORKS_TOOLCHAIN_SOURCE: "auto" };
const FIXED = "/usr/share/prometheus/alertmanager";

/** Downloads one package; unpacked, it is Debian's Alertmanager, whose program says `FAKE_VERSION` and where its templates are. */
const FAKE_APT = `#!/bin/sh
echo "apt-get $*" >>"$NOTES"
case "$*" in
  *" update") echo "E: Failed to fetch" >&2; exit \${FAKE_APT:-0} ;;
  *" download "*) : >prometheus-alertmanager.deb ;;
esac
`;
const FAKE_DPKG = `#!/bin/sh
case $1 in
  --field) echo "$3" ;;
  --extract)
    mkdir -p "$3/usr/bin"
    printf '#!/bin/sh\\necho "alertmanager, version \${FAKE_VERSION:-0.25.0}"\\n# %s\\n' "\${FAKE_PLACE-${FIXED}}" >"$3/usr/bin/prometheus-alertmanager"
    chmod 755 "$3/usr/bin/prometheus-alertmanager" ;;
esac
`;

function checkoutWithDebian(): ReturnType<typeof fakeCheckout> {
  const checkout = fakeCheckout();
  script(join(checkout.env.PATH ?? "", "apt-get"), FAKE_APT);
  script(join(checkout.env.PATH ?? "", "dpkg-deb"), FAKE_DPKG);
  return checkout;
}

/** A script on PATH counts as none: a program is compiled, where something here compiles. */
const itCompiled = it.skipIf(spawnSync("gcc", ["--version"]).status !== 0);

/** What stands on PATH as a program, not as a script. */
function onPath(checkout: ReturnType<typeof fakeCheckout>, version: string): void {
  const folder = join(checkout.root, "..", "real");
  mkdirSync(folder);
  const source = join(folder, "program.c");
  writeFileSync(
    source,
    `#include <stdio.h>\nint main() { puts("alertmanager, version ${version} (branch: x)"); return 0; }\n`,
  );
  expect(run("gcc", ["-o", join(folder, "alertmanager"), source], { cwd: folder, env: process.env }).code).toBe(0);
  symlinkSync(join(folder, "alertmanager"), join(checkout.env.PATH ?? "", "alertmanager"));
}

const place = ({ root }: { root: string }) => join(root, ".bucketworks/toolchain/services/alertmanager");

it("a service's program is Debian's, unpacked, and reads its templates where it was unpacked; it is got once", () => {
  const checkout = checkoutWithDebian();
  for (const _ of ["made", "there"])
    expect(bootstrap(checkout, AUTO, ["--service", "alertmanager"])).toMatchObject({ code: 0 });
  expect(checkout.notes().filter((note) => note.includes(" download "))).toHaveLength(1);
  const text = readFileSync(join(place(checkout), "bin/alertmanager"), "utf8");
  expect(text).toContain("# usr/share/prometheus//alertmanager\n");
  expect(text).not.toContain(FIXED);
});

itCompiled("one on PATH is taken where it is as new as the pinned one or newer, and Debian isn't asked", () => {
  const checkout = checkoutWithDebian();
  onPath(checkout, "0.28.1");
  expect(bootstrap(checkout, AUTO, ["--service", "alertmanager"])).toMatchObject({ code: 0 });
  expect(checkout.notes()).toEqual([]);
  const said = run(join(place(checkout), "bin/alertmanager"), [], { cwd: "/", env: process.env }).stdout;
  expect(said).toContain("version 0.28.1");
});

itCompiled("an older one on PATH is left alone, and an older one of Debian's is refused", () => {
  const checkout = checkoutWithDebian();
  onPath(checkout, "0.24.0");
  const { code, stderr } = bootstrap(checkout, { ...AUTO, FAKE_VERSION: "0.23.0" }, ["--service", "alertmanager"]);
  expect(stderr).toContain("alertmanager 0.25.0: the one on PATH is 0.24.0; out of Debian's package");
  expect(stderr).toContain("alertmanager: Debian's package here is 0.23.0, needed is 0.25.0 or later; put one on PATH");
  expect(code).toBe(1);
  expect(existsSync(place(checkout))).toBe(false);
});

it("a package that is laid out otherwise is refused: its program would look for templates that aren't there", () => {
  const { code, stderr } = bootstrap(checkoutWithDebian(), { ...AUTO, FAKE_PLACE: "/opt" }, [
    "--service",
    "alertmanager",
  ]);
  expect(stderr).toContain("alertmanager: Debian's package is another than is known; put one on PATH");
  expect(code).toBe(1);
});

it("without Debian's packages one sentence says so", () => {
  const { code, stderr } = bootstrap(checkoutWithDebian(), { ...AUTO, FAKE_APT: "100" }, ["--service", "alertmanager"]);
  expect(stderr).toContain("E: Failed to fetch");
  expect(code).toBe(1);
});
