import { describe, expect, test } from "vitest";
import { type AroundImages, readImages } from "../../../config/stack/images.ts";

const alone: AroundImages = {
  serverImage: undefined,
  workloadsImage: undefined,
  user: undefined,
  password: undefined,
  passwordIsEncrypted: false,
};
const both = { registry: "registry.example/team", build: ["minio", "workloads"] };

describe("bucketworks:images", () => {
  test.each([[undefined], [{}]])("%j builds nothing", (given) => {
    expect(readImages(given, alone)).toEqual({ ok: true, images: undefined });
  });

  test("is for linux/amd64 unless it says another platform", () => {
    expect(readImages(both, alone)).toEqual({ ok: true, images: { ...both, platform: "linux/amd64" } });
    const arm = { ...both, platform: "linux/arm64" };
    expect(readImages(arm, alone)).toEqual({ ok: true, images: arm });
  });

  test.each(["localhost:5000", "registry.example", "registry:5000/a", "ghcr.example:443/team/data_platform"])(
    "takes %s as a registry",
    (registry) => expect(readImages({ ...both, registry }, alone)).toMatchObject({ ok: true }),
  );

  test.each([
    [
      { build: ["minio"] },
      "bucketworks:images.registry must be a string, got nothing; pulumi config set --path 'bucketworks:images.registry' registry.example/team",
    ],
    [
      { ...both, registry: "https://registry.example" },
      /^bucketworks:images\.registry must be a registry and a path in it, without scheme and tag, got "https:\/\/registry\.example"; pulumi config set/,
    ],
    [{ ...both, registry: "team" }, /^bucketworks:images\.registry must be .*, got "team"/],
    [
      { ...both, registry: "registry.example/team:1" },
      /^bucketworks:images\.registry must be .*without scheme and tag/,
    ],
    [
      { ...both, build: ["postgres"] },
      /^bucketworks:images\.build\.0 must be one of minio, workloads, got "postgres"; pulumi config set --path 'bucketworks:images\.build\[0\]' workloads$/,
    ],
    [{ ...both, build: [] }, /^bucketworks:images\.build must name one or more of minio, workloads, got \[\]; /],
    [{ ...both, build: "minio" }, /^bucketworks:images\.build must be a list, got "minio"; /],
    [
      { ...both, platform: "windows/amd64" },
      /^bucketworks:images\.platform must be linux\/amd64 or linux\/arm64, got "windows\/amd64"; /,
    ],
    [
      { ...both, push: false },
      "bucketworks:images knows registry, build and platform, not push; pulumi config rm --path 'bucketworks:images.push'",
    ],
    ["minio", /^bucketworks:images must be an object, got "minio"; /],
  ])("%j is refused in one sentence with the command that fixes it", (given, fault) => {
    const result = readImages(given, alone);
    expect(result.ok ? [] : result.faults).toEqual([typeof fault === "string" ? fault : expect.stringMatching(fault)]);
  });

  test("tells every fault at once", () => {
    const result = readImages({ registry: "x", build: [] }, { ...alone, user: "ci" });
    expect(result.ok ? [] : result.faults).toHaveLength(3);
  });

  test.each([
    [
      "minio",
      { serverImage: "quay.io/minio/minio:1" },
      /^bucketworks:server\.image names quay\.io\/minio\/minio:1, and .*; pulumi config rm --path 'bucketworks:server\.image', or take minio out/,
    ],
    [
      "workloads",
      { workloadsImage: "r.example/w:1" },
      /^bucketworks:workloadsImage names r\.example\/w:1, and .*; pulumi config rm --path 'bucketworks:workloadsImage', or take workloads out/,
    ],
  ])("%s runs from the image that is built or from the one that is named, not both", (image, named, fault) => {
    const result = readImages(both, { ...alone, ...named });
    expect(result.ok ? [] : result.faults).toEqual([expect.stringMatching(fault)]);
    const others = both.build.filter((each) => each !== image);
    expect(readImages({ ...both, build: others }, { ...alone, ...named }).ok).toBe(true);
  });

  test.each([
    [{ user: "ci" }, /^bucketworks:imagesUser is ci and has no password; .* --secret bucketworks:imagesPassword$/],
    [
      { password: "p", passwordIsEncrypted: true },
      /^bucketworks:imagesPassword is set and bucketworks:imagesUser isn't; /,
    ],
    [{ user: "ci", password: "p" }, /^bucketworks:imagesPassword is written in plaintext; /],
  ])("credentials %j are refused, and no message holds the password", (given, fault) => {
    const secret = "password" in given && { password: "very-secret" };
    const result = readImages(both, { ...alone, ...given, ...secret });
    const faults = result.ok ? [] : result.faults;
    expect(faults).toEqual([expect.stringMatching(fault)]);
    expect(faults.join()).not.toContain("very-secret");
  });
});
