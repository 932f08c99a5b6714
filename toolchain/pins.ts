import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "./fault.ts";

/** A Go module at an exact version. */
export interface GoPin {
  readonly module: string;
  readonly version: string;
}

/** Silo, the maintained fork of MinIO's server. */
export interface SiloPin {
  readonly release: string;
  readonly image: string;
  /** Of the release's archives, by system and Go's name of the processor. */
  readonly sha256: Readonly<Record<string, string>>;
}

/** MinIO's client: one on PATH will do from this release on. */
export interface ReleasePin extends GoPin {
  readonly oldestOnPath: string;
}

/** A program that PyPI has as wheels. */
export interface WheelPin {
  readonly version: string;
  /** Of the wheels, by system and Node's name of the processor. */
  readonly sha256: Readonly<Record<string, string>>;
}

/** A program that Debian has as a package: this version or a later one. */
export interface ServicePin {
  readonly version: string;
}

/** Everything the toolchain pins by version; go.mod, go.sum and the npm lockfiles pin the rest by hash. */
export interface Pins {
  readonly node: string;
  readonly pulumi: GoPin;
  readonly minioPlugin: { readonly version: string };
  readonly kubernetesPlugin: { readonly version: string };
  readonly silo: SiloPin;
  readonly minio: GoPin;
  readonly mc: ReleasePin;
  /** For `make check` alone. */
  readonly actionlint: GoPin;
  /** For the test cluster alone, as are `coredns` and `argoRollouts`. */
  readonly kubernetes: GoPin;
  readonly coredns: GoPin;
  readonly argoRollouts: GoPin;
  /** For tests of alerts alone. */
  readonly promtool: GoPin;
  /** The store of logs; for `bucketworks services` alone. */
  readonly victoriaLogs: GoPin;
  /** For the test of compose.yaml alone. */
  readonly composeGo: GoPin;
  /** For the bench alone, as is `terraformProvider`. */
  readonly openTofu: GoPin;
  readonly terraformProvider: GoPin;
  /** For the data programs of `pipelines/` alone. */
  readonly uv: WheelPin;
  /** For tests of pages alone: this major version or a later one. */
  readonly chromium: { readonly version: string };
  /** For `bucketworks services` alone. */
  readonly services: Readonly<
    Record<"prometheus" | "alertmanager" | "node_exporter" | "postgres_exporter", ServicePin>
  >;
  /** The last public image of MinIO. Its server has open holes (docs/servers.md): the client alone is taken from it. */
  readonly mcImage: string;
}

/** Reads `pins.json` of a toolchain folder. */
export function readPins(toolchain: string): Pins {
  return JSON.parse(readFileSync(join(toolchain, "pins.json"), "utf8")) as Pins;
}

/**
 * A go.mod must require the very version of pins.json.
 * @throws Fault naming both versions
 */
export function checkGoMod(file: string, text: string, pin: GoPin): void {
  const line = text.split("\n").find((candidate) =>
    candidate
      .replace(/^require /, "")
      .trim()
      .startsWith(`${pin.module} `),
  );
  const required = line
    ?.replace(/^require /, "")
    .trim()
    .split(" ")[1];
  if (required !== pin.version) {
    throw new Fault(
      `${file}: requires ${pin.module} ${required ?? "not at all"}, pins.json says ${pin.version}; change both`,
    );
  }
}

/** The Go version a go.mod asks for, for example `1.25.11`. */
export function goDirective(text: string): string {
  return /^go (\S+)$/m.exec(text)?.[1] ?? "1.25.0";
}

/** The release tag MinIO itself would give a module version: `v0.0.0-20260212201848-...` is `RELEASE.2026-02-12T20-18-48Z`. */
export function releaseTag(version: string): { tag: string; time: string; commit: string } {
  const [, date = "", commit = ""] = version.split("-");
  const [, year, month, day, hour, minute, second] = /^(....)(..)(..)(..)(..)(..)$/.exec(date) ?? [];
  return {
    tag: `RELEASE.${year}-${month}-${day}T${hour}-${minute}-${second}Z`,
    time: `${year}-${month}-${day}T${hour}:${minute}:${second}Z`,
    commit,
  };
}
