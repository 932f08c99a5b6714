import { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { copyFixed, EditDoesNotFit, edited, fixesMark } from "../../toolchain/go/minio/fixes/apply.ts";
import { EDITS } from "../../toolchain/go/minio/fixes/edits.ts";
import { minio } from "../../toolchain/pieces/minio.ts";
import { whyOpen } from "../../toolchain/pieces/open-servers.ts";
import { readPins } from "../../toolchain/pins.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { ROOT } from "../support/toolchain.ts";

const TOOLCHAIN = join(ROOT, "toolchain");
const EXPECTED = { silo: "RELEASE.2026-09-16T00-00-00Z", mark: "0123abcd" };

describe("the fixes of MinIO's module", () => {
  it.each(["nothing of it", "once\nand once more\nonce\n"])(
    "end the build where their text isn't there exactly once, naming file and advisory: %j",
    (text) => {
      const edit = { file: "cmd/x.go", closes: ["CVE-1"], find: "once\n", replace: "fixed\n" };
      expect(() => edited(text, edit)).toThrow(EditDoesNotFit);
      expect(() => edited(text, edit)).toThrow(/^cmd\/x\.go: .*CVE-1.*is there [02] times.*"once"/);
    },
  );

  it("change every place, in a copy, and bring the code that is called along", () => {
    const [module, copy] = [join(temporaryFolder(), "module"), join(temporaryFolder(), "copy")];
    for (const { file, find } of EDITS) {
      mkdirSync(dirname(join(module, file)), { recursive: true });
      appendFileSync(join(module, file), find);
    }
    copyFixed(module, copy);
    for (const { file, find, replace } of EDITS) {
      expect(readFileSync(join(module, file), "utf8")).toContain(find);
      expect(readFileSync(join(copy, file), "utf8")).toContain(replace);
    }
    expect(readFileSync(join(copy, "cmd/request_guard.go"), "utf8")).toContain("func setRequestGuardMiddleware(");
    writeFileSync(join(module, EDITS[0]?.file ?? ""), "another release\n");
    expect(() => copyFixed(module, join(temporaryFolder(), "copy"))).toThrow(EditDoesNotFit);
  });

  it("decide the server's place in the cache: other fixes, another server", () => {
    const other = join(temporaryFolder(), "toolchain");
    cpSync(join(TOOLCHAIN, "go/minio"), join(other, "go/minio"), { recursive: true });
    const made = (toolchain: string) =>
      minio({ toolchain, pins: readPins(TOOLCHAIN), mode: "auto", pulumiUrl: "", siloUrl: "" });
    expect(made(other).key).toBe(made(TOOLCHAIN).key);
    appendFileSync(join(other, "go/minio/fixes/request_guard.go"), "// more\n");
    expect(made(other).key).not.toBe(made(TOOLCHAIN).key);
    expect(fixesMark(join(other, "go/minio/fixes"))).not.toBe(fixesMark());
  });
});

describe("a server that is there already", () => {
  it("is taken when it is Silo from the pinned release on, or our own build with the present fixes", () => {
    const at = (release: string, commit = "abc") => whyOpen({ release, commit }, EXPECTED);
    expect(at(EXPECTED.silo)).toBeUndefined();
    expect(at("RELEASE.2027-01-01T00-00-00Z")).toBeUndefined();
    expect(at("RELEASE.2026-02-12T20-18-48Z", `7aac2a2c5b7c-fixes.${EXPECTED.mark}`)).toBeUndefined();
  });

  it.each([
    ["upstream's last image", "RELEASE.2025-09-07T16-13-09Z", "07c3a429"],
    ["upstream's last release", "RELEASE.2025-10-15T17-29-55Z", "9e49d5e7"],
    ["a Silo that believes unsigned headers", "RELEASE.2026-09-03T13-18-01Z", "f00"],
    ["our build with other fixes", "RELEASE.2026-02-12T20-18-48Z", "7aac2a2c5b7c-fixes.ffffffff"],
  ])("is not taken when it may be open, and the advisories are named: %s", (_what, release, commit) => {
    expect(whyOpen({ release, commit }, EXPECTED)).toMatch(/CVE-2026-41145.*docs\/servers\.md/);
  });
});
