import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { readArguments, WITH_VALUE } from "../../toolchain/wrapper/arguments.ts";
import { type Care, careOf } from "../../toolchain/wrapper/commands.ts";
import { tool } from "../support/toolchain.ts";

const read = (line: string, env: NodeJS.ProcessEnv = {}) => readArguments(line.split(" ").filter(Boolean), env);

describe("the wrapper reads of Pulumi's command line, as Pulumi does,", () => {
  it.each([
    ["up --stack dev"],
    ["preview --stack=dev"],
    ["-s dev refresh"],
    ["up -sdev"],
    ["up -s=dev"],
    ["up -ys dev"],
    ["up -fysdev"],
    ["up -fys=dev"],
    ["up -m --stack -s dev"],
    ["up -x-sother -s dev"],
    ["up --message -s -s dev"],
    ["--color never up -s dev"],
    ["--color=never up -s dev"],
    ["-v 3 up -s dev"],
    ["-v3 up -s dev"],
    ["--otel-traces file:x up -s dev"],
    ["up -s other -s dev"],
    ["up -s dev -- -s other"],
    ["up -s dev -- --stack=other"],
  ])("the stack: %s", (line) => {
    expect(read(line, { PULUMI_OPTION_STACK: "another" }).stack).toBe("dev");
  });

  it("the stack of PULUMI_OPTION_STACK, where no option names one; an empty one names none", () => {
    expect(read("up", { PULUMI_OPTION_STACK: "dev" }).stack).toBe("dev");
    expect(read("up --stack=", { PULUMI_OPTION_STACK: "" }).stack).toBeUndefined();
    expect(read("up --stack").stack).toBe("true");
  });

  it.each([
    ["-C /srv/a up"],
    ["-C=/srv/a up"],
    ["-C/srv/a up"],
    ["up --cwd /srv/a"],
    ["up --cwd=/srv/a"],
    ["up -yC /srv/a"],
    ["-C /srv/b up -C /srv/a"],
  ])("the folder: %s", (line) => {
    expect(read(line, { PULUMI_OPTION_CWD: "/srv/c" }).folder).toBe("/srv/a");
  });

  it.each([["up --config-file mine.yaml"], ["up --config-file=mine.yaml"], ["--config-file mine.yaml up"]])(
    "the settings file: %s",
    (line) => {
      expect(read(line, { PULUMI_OPTION_CONFIG_FILE: "other.yaml" }).configFile).toBe("mine.yaml");
    },
  );

  it("the folder and the settings file of PULUMI_OPTION_*, where no option names one", () => {
    const env = { PULUMI_OPTION_CWD: "/srv/a", PULUMI_OPTION_CONFIG_FILE: "mine.yaml" };
    expect(read("up", env)).toMatchObject({ folder: "/srv/a", configFile: "mine.yaml" });
    expect(read("up")).toMatchObject({ folder: undefined, configFile: undefined });
  });

  it("that -c sets something, in each form, and --config-file doesn't", () => {
    for (const line of ["up -c a=b", "up -c=a=b", "up -ca=b", "up -yc a=b", "up --config a=b", "up --config=a=b"])
      expect([line, read(line).sets]).toEqual([line, true]);
    for (const line of ["up --config-file c", "up -m -c", "up -- -c a=b", "config"])
      expect([line, read(line).sets]).toEqual([line, false]);
  });

  it("that debug lines are wanted", () => {
    for (const line of ["up --debug", "-d up", "up -yd", "up --debug=true"])
      expect([line, read(line).debug]).toEqual([line, true]);
    for (const line of ["up", "up --debug=false", "up -md", "up -- -d"])
      expect([line, read(line).debug]).toEqual([line, false]);
    expect(read("up", { PULUMI_OPTION_DEBUG: "true" }).debug).toBe(true);
  });

  it("that a new stack isn't to be selected", () => {
    for (const line of ["stack init x --no-select", "stack init --no-select=true x"])
      expect(read(line).noSelect).toBe(true);
    for (const line of ["stack init x", "stack init x --no-select=false"]) expect(read(line).noSelect).toBe(false);
    expect(read("stack init x", { PULUMI_OPTION_NO_SELECT: "true" }).noSelect).toBe(true);
  });

  it.each([
    ["stack init --secrets-provider passphrase --teams a --copy-config-from b x", "stack init x"],
    ["stack -C /srv rm --yes x", "stack rm x"],
    ["stack rename -s dev -- x", "stack rename x"],
    ["-- up", "up"],
    ["config set --secret k -- -s", "config set k -s"],
    ["", ""],
  ])("its words: %s", (line, words) => {
    expect(read(line).words.join(" ")).toBe(words);
  });

  it("no less than the CLI's own list of options with a value: before a command, and of those that name a stack", () => {
    const { stdout } = spawnSync(tool("pulumi"), ["generate-cli-spec"], { encoding: "utf8", maxBuffer: 1e8 });
    interface Spec {
      readonly flags?: Record<string, { readonly type: string }>;
      readonly commands?: Record<string, Spec>;
    }
    const spec = JSON.parse(stdout) as Spec;
    const { new: made, remove, rename } = spec.commands?.stack?.commands ?? {};
    const flags = [spec, spec.commands?.stack, made, remove, rename].flatMap((each) =>
      Object.entries(each?.flags ?? {}),
    );
    // `stack`, which shows a stack, has an --output; what it stands behind is never a name
    const valued = flags.filter(([name, { type }]) => type !== "boolean" && name !== "output").map(([name]) => name);
    const known = WITH_VALUE.map((each) => each.replace(/:.$/, ""));
    expect(valued).toContain("copy-config-from");
    expect(valued.filter((name) => !known.includes(name))).toEqual([]);
  });
});

it.each<[Care["settings"] | undefined, Care["state"], string[]]>([
  ["merged", "keep", ["up", "update", "refresh", "destroy", "down", "dn", "import a b c", "watch"]],
  ["merged", "look", ["preview", "pre"]],
  ["merged", undefined, ["logs", "config", "config get a"]],
  ["own", undefined, ["config set a b", "config set-all", "config rm a", "config remove a", "config rm-all a"]],
  ["own", undefined, ["config delete a", "config refresh"]],
  ["made", undefined, ["stack init x", "stack new x", "stack create x", "stack setup x"]],
  ["beside", undefined, ["stack rm x", "stack remove x", "stack delete x", "stack history", "stack hist"]],
  ["beside", undefined, ["stack change-secrets-provider default"]],
  ["renamed", "keep", ["stack rename x"]],
  ["none", "try", ["stack import", "state delete x", "state"]],
  [undefined, undefined, ["", "version", "stack", "stack ls", "stack output up", "config cp", "config env add a"]],
  [undefined, undefined, ["plugin rm", "org up", "constructor", "stack constructor", "new up"]],
])("settings are %s and the state is under %s for %j", (settings, state, lines) => {
  for (const line of lines) {
    const care = careOf(read(line).words);
    expect([line, care?.settings, care?.state]).toEqual([line, settings, state]);
  }
});
