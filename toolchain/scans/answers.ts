import type { Hole, Outcome } from "./outcome.ts";

/** What became of a program. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Reads what a scanner wrote; whatever isn't its report is a reason, never "no hole". */
export type Reader = (subject: string, said: Said) => Outcome;

/** `pip-audit --format json`; a package that its service doesn't know was not looked at. */
export const pipAudit: Reader = (subject, said) =>
  reported(subject, said, (report: PipAudit) => {
    const skipped = report.dependencies.filter(({ skip_reason }) => skip_reason !== undefined);
    if (skipped.length > 0) {
      const [first] = skipped;
      const isAll = skipped.length === report.dependencies.length;
      const why = isAll ? "PyPI's list of holes is out of reach" : (first?.skip_reason ?? "");
      return `${skipped.length} of ${report.dependencies.length} packages: ${why}`;
    }
    return report.dependencies.flatMap(({ name, version = "", vulns = [] }) =>
      vulns.map(({ id, fix_versions }): Hole => ({ id, package: name, version, fixed: fix_versions })),
    );
  });

/** `npm audit --json`. */
export const npmAudit: Reader = (subject, said) =>
  reported(subject, said, ({ vulnerabilities, message }: NpmAudit) => {
    if (vulnerabilities === undefined) return message ?? "npm gave no report";
    return Object.entries(vulnerabilities).flatMap(([name, { range, via, fixAvailable }]) =>
      via.flatMap((each): Hole[] => {
        if (typeof each === "string") return [];
        const fix = typeof fixAvailable === "object" ? [`${fixAvailable.name} ${fixAvailable.version}`] : [];
        return [{ id: each.url.split("/").at(-1) ?? each.url, package: name, version: range, fixed: fix }];
      }),
    );
  });

/** `govulncheck -format json`: one object after the other; the first says which database was read. */
export const govulncheck: Reader = (subject, said) => {
  if (said.code !== 0) return { subject, reason: lastLine(said) };
  try {
    const messages = said.stdout
      .split(/^(?=\{$)/m)
      .filter((each) => each.trim() !== "")
      .map((each) => JSON.parse(each) as GoMessage);
    if (!messages.some(({ config }) => config !== undefined)) return { subject, reason: "govulncheck gave no report" };
    const holes = messages.flatMap(({ finding }): Hole[] => {
      const [at] = finding?.trace ?? [];
      // A finding without a package is of a module of which the program uses another part.
      if (finding === undefined || at?.package === undefined) return [];
      const fixed = finding.fixed_version === undefined ? [] : [finding.fixed_version];
      return [{ id: finding.osv, package: at.module, version: at.version ?? "", fixed }];
    });
    return { subject, holes: [...new Map(holes.map((hole) => [`${hole.id} ${hole.package}`, hole])).values()] };
  } catch {
    return { subject, reason: "what govulncheck wrote is no report" };
  }
};

/** `trivy image --format json`. */
export const trivy: Reader = (subject, said) =>
  reported(subject, said, ({ Results = [] }: Trivy) =>
    Results.flatMap(({ Vulnerabilities = [] }) =>
      Vulnerabilities.map((each): Hole => {
        const fixed = each.FixedVersion === undefined ? [] : [each.FixedVersion];
        return { id: each.VulnerabilityID, package: each.PkgName, version: each.InstalledVersion, fixed };
      }),
    ),
  );

/** `grype --output json`. */
export const grype: Reader = (subject, said) =>
  reported(subject, said, ({ matches }: Grype) =>
    matches.map(
      ({ vulnerability: { id, fix }, artifact: { name, version } }): Hole => ({
        ...{ id, version, package: name, fixed: fix?.versions ?? [] },
      }),
    ),
  );

function reported<T>(subject: string, said: Said, read: (report: T) => readonly Hole[] | string): Outcome {
  try {
    const found = read(JSON.parse(said.stdout) as T);
    return typeof found === "string" ? { subject, reason: found } : { subject, holes: found };
  } catch {
    return { subject, reason: lastLine(said) };
  }
}

function lastLine({ code, stdout, stderr }: Said): string {
  // go run adds a line of its own, which says nothing.
  const lines = `${stdout}\n${stderr}`
    .split("\n")
    .filter((each) => each.trim() !== "" && !/^exit status \d+$/.test(each));
  const line = lines.at(-1);
  return line || `the scanner ended with ${code} and said nothing`;
}

interface PipAudit {
  readonly dependencies: readonly {
    readonly name: string;
    readonly version?: string;
    readonly skip_reason?: string;
    readonly vulns?: readonly { readonly id: string; readonly fix_versions: readonly string[] }[];
  }[];
}

interface NpmAudit {
  readonly message?: string;
  readonly vulnerabilities?: Readonly<
    Record<
      string,
      {
        readonly range: string;
        readonly via: readonly (string | { readonly url: string })[];
        readonly fixAvailable: boolean | { readonly name: string; readonly version: string };
      }
    >
  >;
}

interface GoMessage {
  readonly config?: object;
  readonly finding?: {
    readonly osv: string;
    readonly fixed_version?: string;
    readonly trace: readonly { readonly module: string; readonly version?: string; readonly package?: string }[];
  };
}

interface Trivy {
  readonly Results?: readonly {
    readonly Vulnerabilities?: readonly {
      readonly VulnerabilityID: string;
      readonly PkgName: string;
      readonly InstalledVersion: string;
      readonly FixedVersion?: string;
    }[];
  }[];
}

interface Grype {
  readonly matches: readonly {
    readonly vulnerability: { readonly id: string; readonly fix?: { readonly versions?: readonly string[] } };
    readonly artifact: { readonly name: string; readonly version: string };
  }[];
}
