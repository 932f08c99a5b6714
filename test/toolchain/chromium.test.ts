import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { bootstrap, fakeCheckout, run, script } from "./checkout.ts";

const AUTO = { BUCKETWORKS_TOOLCHAIN_SOURCE: "auto" };

/** Downloads a package; unpacked, it is a Chromium that says its version, and a library in a folder of its own. */
const FAKE_APT = `#!/bin/sh
echo "apt-get $*" >>"$NOTES"
case "$*" in
  *" install "*)
    [ "\${FAKE_APT:-0}" = 0 ] || { echo "E: Unable to locate package" >&2; exit "$FAKE_APT"; }
    for each; do case $each in Dir::Cache::archives=*) : >"\${each#*=}/chromium.deb" ;; esac; done ;;
esac
`;
const FAKE_DPKG = `#!/bin/sh
case $1 in
  --field) echo "$3" ;;
  --extract)
    mkdir -p "$3/usr/lib/chromium" "$3/usr/lib/any/deep"
    : >"$3/usr/lib/any/deep/libneeded.so.2"
    printf '#!/bin/sh\\n[ -z "$FAKE_LOST" ] && [ -e "$LD_LIBRARY_PATH/libneeded.so.2" ] || exit 127\\necho "Chromium \${FAKE_VERSION:-156}.0.1"\\n' \\
      >"$3/usr/lib/chromium/chromium-headless-shell"
    chmod 755 "$3/usr/lib/chromium/chromium-headless-shell" ;;
esac
`;

function checkoutWithDebian(): ReturnType<typeof fakeCheckout> {
  const checkout = fakeCheckout();
  script(join(checkout.env.PATH ?? "", "apt-get"), FAKE_APT);
  script(join(checkout.env.PATH ?? "", "dpkg-deb"), FAKE_DPKG);
  return checkout;
}

const get = (checkout: ReturnType<typeof fakeCheckout>, env: NodeJS.ProcessEnv = {}) =>
  bootstrap(checkout, { ...AUTO, ...env }, ["--chromium"]);
const place = ({ root }: { root: string }) => join(root, ".bucketworks/toolchain/chromium");
const versionOf = (checkout: ReturnType<typeof fakeCheckout>) =>
  run(place(checkout), ["--version"], { cwd: "/", env: process.env }).stdout.trim();

it("the browser of tests is Debian's, unpacked, and finds the libraries that came with it; it is got once", () => {
  const checkout = checkoutWithDebian();
  for (const _ of ["made", "there"]) expect(get(checkout)).toMatchObject({ code: 0 });
  expect(checkout.notes().filter((note) => note.includes(" install "))).toHaveLength(1);
  expect(checkout.notes().find((note) => note.includes(" install "))).toContain("--download-only");
  expect(versionOf(checkout)).toBe("Chromium 156.0.1");
});

it("a browser on PATH is used where it is, if it is new enough; an older one is left alone", () => {
  const checkout = checkoutWithDebian();
  const own = join(checkout.env.PATH ?? "", "chromium");
  script(own, "#!/bin/sh\necho 'Google Chrome 149.0.1'\n");
  expect(get(checkout)).toMatchObject({ code: 0 });
  expect(versionOf(checkout)).toBe("Chromium 156.0.1");
  script(own, "#!/bin/sh\necho 'Google Chrome 150.0.1'\n");
  expect(get(checkout)).toMatchObject({ code: 0 });
  expect(versionOf(checkout)).toBe("Google Chrome 150.0.1");
});

it("where no browser can be had one sentence says what to put on PATH, and nothing half-made is left", () => {
  const checkout = checkoutWithDebian();
  const { code, stderr } = get(checkout, { FAKE_APT: "100" });
  expect(stderr).toContain(
    "chromium: there is none on PATH, and Debian's package can't be had; put Chromium or Chrome on PATH: tests open the pages of services in it",
  );
  expect(stderr).toContain("E: Unable to locate package");
  expect(code).toBe(1);
  const old = get(checkoutWithDebian(), { FAKE_VERSION: "149" });
  expect(old.stderr).toContain("chromium: Debian's is 149, needed is 150 or later; put Chromium or Chrome on PATH");
  expect(old.code).toBe(1);
});

it("a browser that starts no more, because a library of the machine went, is named with its folder", () => {
  const checkout = checkoutWithDebian();
  expect(get(checkout)).toMatchObject({ code: 0 });
  const { stderr, code } = get(checkout, { FAKE_LOST: "1" });
  const folder = dirname(realpathSync(place(checkout)));
  expect(stderr).toContain(`chromium: the one in ${folder} doesn't start; remove that folder and run make chromium`);
  expect(code).toBe(1);
});
