import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { readPins } from "../../toolchain/pins.ts";
import { ROOT } from "../support/toolchain.ts";
import { bootstrap, fakeCheckout, script, temporaryFolder } from "./checkout.ts";

const { version } = readPins(join(ROOT, "toolchain")).uv;

/** Notes how it is asked, and unpacks a uv that says which version it is. */
const FAKE_PYTHON = `#!/bin/sh
echo "python3 $*" >>"$NOTES"
case "$1 $2 $3" in
  "-m pip --version") exit \${FAKE_PIP:-0} ;;
  "-m pip download")
    while [ $# -gt 1 ]; do case $1 in --dest) folder=$2 ;; -r) cat "$2" >>"$NOTES" ;; esac; shift; done
    : >"$folder/uv-${version}-py3-none-any.whl" ;;
  "-m zipfile -e")
    mkdir -p "$5/uv-${version}.data/scripts"
    printf '#!/bin/sh\\necho "uv %s (here)"\\n' "\${FAKE_UV_VERSION:-${version}}" >"$5/uv-${version}.data/scripts/uv" ;;
esac
`;

function checkoutWithPython(): ReturnType<typeof fakeCheckout> {
  const checkout = fakeCheckout();
  script(join(checkout.env.PATH ?? "", "python3"), FAKE_PYTHON);
  return checkout;
}

it("uv is got by pip with its pinned hash when it is asked for, once, and stays where it was made", () => {
  const checkout = checkoutWithPython();
  const bin = join(checkout.root, ".bucketworks/toolchain/bin");
  for (const _ of ["made", "there"]) expect(bootstrap(checkout, {}, ["--uv"])).toMatchObject({ code: 0 });
  expect(checkout.notes().filter((note) => note.startsWith("python3 -m pip download"))).toEqual([
    expect.stringContaining("--require-hashes"),
  ]);
  expect(checkout.notes()).toContainEqual(
    expect.stringMatching(new RegExp(`^uv==${version} --hash=sha256:[0-9a-f]{64}$`)),
  );
  expect(bootstrap(checkout)).toMatchObject({ code: 0 });
  expect(readdirSync(bin)).toContain("uv");
});

it("a uv that reports another version is refused", () => {
  const { code, stderr } = bootstrap(checkoutWithPython(), { FAKE_UV_VERSION: "0.1.0" }, ["--uv"]);
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining(`reports 0.1.0, not ${version}`) });
});

it.each([
  ["no Python", undefined],
  ["a Python without pip", "1"],
])("with %s one sentence says what is needed, and nothing is left", (_, pip) => {
  const checkout = pip === undefined ? fakeCheckout() : checkoutWithPython();
  const { code, stderr } = bootstrap(checkout, { FAKE_PIP: pip }, ["--uv"]);
  expect(code).toBe(1);
  expect(stderr).toContain(`uv: python3 with pip is needed to get it; install both (on Debian python3-pip)`);
  expect(existsSync(join(checkout.root, ".bucketworks/toolchain/bin/uv"))).toBe(false);
});

it("a wheel of another content than the pinned one is refused by the machine's own pip", () => {
  const checkout = fakeCheckout();
  const wheels = temporaryFolder();
  const tags = ["manylinux_2_17_x86_64", "manylinux_2_28_aarch64", "macosx_10_12_x86_64", "macosx_11_0_arm64"];
  for (const tag of tags) writeFileSync(join(wheels, `uv-${version}-py3-none-${tag}.whl`), "another");
  const python = spawnSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).stdout.trim();
  const env = {
    PATH: `${checkout.env.PATH}:${dirname(python)}`,
    PIP_NO_INDEX: "1",
    PIP_FIND_LINKS: `file://${encodeURI(wheels)}`,
  };
  const { code, stderr } = bootstrap(checkout, env, ["--uv"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/DO NOT MATCH THE HASHES|Got\s+[0-9a-f]{64}/);
});
