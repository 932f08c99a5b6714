import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { readPins } from "../../toolchain/pins.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { ROOT } from "../support/toolchain.ts";
import { bootstrap, fakeCheckout, run, script } from "./checkout.ts";

const { version } = readPins(join(ROOT, "toolchain")).uv;

/** Notes how it is asked, and unpacks a uv that says its version, and makes environments whose Python is 3.`$FAKE_MINOR`. */
const FAKE_PYTHON = `#!/bin/sh
echo "python3 $*" >>"$NOTES"
case "$1 $2 $3" in
  "-m pip --version") exit \${FAKE_PIP:-0} ;;
  "-m pip download")
    while [ $# -gt 1 ]; do case $1 in --dest) folder=$2 ;; -r) cat "$2" >>"$NOTES" ;; esac; shift; done
    : >"$folder/uv-${version}-py3-none-any.whl" ;;
  "-m zipfile -e")
    mkdir -p "$5/uv-${version}.data/scripts"
    cat >"$5/uv-${version}.data/scripts/uv" <<EOF
#!/bin/sh
echo "uv \\$1" >>"\\$NOTES"
case \\$1 in
  --version) echo "uv \${FAKE_UV_VERSION:-${version}} (here)" ;;
  python) echo /usr/bin/python3 ;;
  venv)
    while [ \\$# -gt 1 ]; do shift; done
    mkdir -p "\\$1/bin"
    printf '#!/bin/sh\\necho "(3, \\$FAKE_MINOR)"\\n' >"\\$1/bin/python"
    chmod 755 "\\$1/bin/python" ;;
  pip) [ -z "\\$FAKE_KILL" ] || kill -9 "\\$PPID" ;;
esac
EOF
esac
`;

function checkoutWithPython(): ReturnType<typeof fakeCheckout> {
  const checkout = fakeCheckout();
  script(join(checkout.env.PATH ?? "", "python3"), FAKE_PYTHON);
  return checkout;
}

function checkoutWithPackages(): ReturnType<typeof fakeCheckout> {
  const checkout = checkoutWithPython();
  cpSync(join(ROOT, "pipelines/requirements.txt"), join(checkout.root, "pipelines/requirements.txt"));
  for (const name of ["cybersec", "dataops", "mlops", "shared"])
    cpSync(join(ROOT, `pipelines/${name}/pyproject.toml`), join(checkout.root, `pipelines/${name}/pyproject.toml`));
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

it("Python's packages are installed again where the checkout was moved or Python is another, and only there", () => {
  const checkout = checkoutWithPackages();
  const made = (root: string, minor: string): number => {
    expect(bootstrap({ ...checkout, root })).toMatchObject({ code: 0 });
    const env = { ...checkout.env, PATH: `${checkout.env.PATH}:/usr/bin:/bin`, FAKE_MINOR: minor };
    const answer = run("sh", ["toolchain/pipelines.sh"], { cwd: root, env });
    expect(answer.code, answer.stderr).toBe(0);
    return checkout.notes().filter((note) => note === "uv venv").length;
  };
  const moved = `${checkout.root} moved`;
  expect([made(checkout.root, "11"), made(checkout.root, "11")]).toEqual([1, 1]);
  renameSync(checkout.root, moved);
  expect([made(moved, "11"), made(moved, "11")]).toEqual([2, 2]);
  expect([made(moved, "12"), made(moved, "12")]).toEqual([3, 3]);
});

it("an installation of Python's packages that was killed is made anew by the next run, and then stays", () => {
  const checkout = checkoutWithPackages();
  expect(bootstrap(checkout)).toMatchObject({ code: 0 });
  const install = (killed: string) => {
    const env = { ...checkout.env, PATH: `${checkout.env.PATH}:/usr/bin:/bin`, FAKE_MINOR: "11", FAKE_KILL: killed };
    return run("sh", ["toolchain/pipelines.sh"], { cwd: checkout.root, env });
  };
  const made = () => checkout.notes().filter((note) => note === "uv venv").length;
  const own = join(checkout.root, ".bucketworks/pipelines");
  expect(install("now").code).toBeNull();
  // What it left beside its lock: an environment with a Python, and no word that it is whole.
  expect(readdirSync(own)).toEqual(["venv"]);
  expect(existsSync(`${own}.lock`)).toBe(true);
  expect(install("")).toMatchObject({ code: 0 });
  expect(made()).toBe(2);
  expect(install("")).toMatchObject({ code: 0 });
  expect(made()).toBe(2);
  expect(readdirSync(own).sort()).toEqual(["venv", "venv.installed"]);
  expect(existsSync(`${own}.lock`)).toBe(false);
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
