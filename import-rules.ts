import type { IConfiguration, IRegularForbiddenRuleType } from "dependency-cruiser";

/** What files of a folder may import; types count. */
interface Row {
  readonly folder: string;
  /** Folders, and files by their path. */
  readonly may: readonly string[];
  /** Folders of which they may import types alone. */
  readonly types?: readonly string[];
  /** What files of `offline/` in it may import besides. */
  readonly offline?: readonly string[];
  /** What is said to who breaks it. */
  readonly why: string;
}

/** The table "Where things live" of ARCHITECTURE.md, row by row, for dependency-cruiser. */
export const rows: readonly Row[] = [
  {
    folder: "config",
    may: [],
    why: "config/ stands left of everything: pass in what it needs, or move the code to the folder that needs it",
  },
  {
    folder: "builders",
    may: ["config", "provider/canonical.ts"],
    types: ["provider"],
    why: "builders/ turn a model into plain documents: they know config/, and of provider/ the types and the canonical form",
  },
  {
    folder: "provider",
    may: ["config"],
    why: "provider/ is a program of its own, which gets all it needs as inputs: of the rest it knows config/ alone",
  },
  {
    folder: "components",
    may: [
      "config",
      "builders",
      "provider/sdk.ts",
      "provider/canonical.ts",
      "provider/server/(connection|faults|identities).ts",
      "database/(fault|migration-files|one-transaction).ts",
    ],
    types: ["provider"],
    why: "components/ meet the plugin through provider/sdk.ts, may read with provider/server/, and read files of migrations from database/",
  },
  {
    folder: "live",
    may: ["config", "builders", "docs/[a-z]+-policy.json"],
    types: ["provider"],
    why: "live/ is a second look at the server, which shares no code with provider/: its types alone",
  },
  {
    folder: "verify",
    may: ["config", "builders", "live"],
    types: ["provider"],
    why: "verify/ looks at the server through live/ and judges by itself: of provider/ it knows types alone",
  },
  {
    folder: "policy",
    may: ["config", "builders", "provider/canonical.ts"],
    types: ["provider"],
    why: "policy/ judges facts of a model or of resources: it reads no server and makes nothing",
  },
  {
    folder: "review",
    may: ["config", "builders"],
    types: ["provider"],
    why: "review/ compares two models and a preview's events, which it is given: it looks at no server and no state",
  },
  {
    folder: "scan",
    may: ["config", "builders", "live"],
    types: ["provider"],
    why: "scan/ looks at the server through live/; verify/ and import/ are its siblings, and what they share belongs into live/",
  },
  {
    folder: "import",
    may: ["config", "builders", "live", "scan"],
    types: ["provider"],
    why: "import/ turns what live/ and scan/ found into a platform's file: it calls nobody",
  },
  {
    folder: "report",
    may: ["config", "builders", "live/(bucket-words|covering|rights).ts"],
    types: ["live", "verify", "scan", "provider"],
    why: "report/ makes figures and a page of what others have read: it looks at nothing itself",
  },
  {
    folder: "history",
    may: ["report/schema.ts", "database/connection.ts", "database/fault.ts"],
    types: ["report"],
    why: "history/ keeps what reports said: it knows their summary alone",
  },
  {
    folder: "monitor",
    may: ["config", "builders", "report", "history/history.ts"],
    types: ["history"],
    why: "monitor/ judges runs and tells people: it looks at no server itself",
  },
  {
    folder: "backup",
    may: ["config", "provider/server/(connection|extensions|faults|read|rights|signed).ts"],
    types: ["provider"],
    why: "backup/ speaks with servers through the connection of provider/server/: what it stores, it knows by its manifests",
  },
  {
    folder: "database",
    may: ["config", "builders"],
    why: "database/ brings a PostgreSQL server to its plan: it knows config/ and builders/ alone",
  },
  {
    folder: "cli",
    may: [
      "config",
      "builders",
      "provider",
      "live",
      "verify",
      "policy",
      "review",
      "scan",
      "import",
      "report",
      "history",
      "monitor",
      "backup",
      "database",
      "toolchain",
    ],
    why: "cli/ runs Pulumi as a program of its own: components/ would load Pulumi's SDK at the start of every command",
  },
  {
    folder: "toolchain",
    may: ["config/stack/backend.ts", "config/system-fault.ts", "config/text/shell.ts"],
    offline: ["config/stack/kubeconfig-fault.ts", "provider/(serve|property-bags|engine|init-failed|config-diff).ts"],
    why: "toolchain/ works before anything is installed: it knows files of config/ that need no package, and offline/ the protocol of provider/",
  },
];

const others = ["docs", "images", "test"];
const ours = `^(${[...rows.map(({ folder }) => folder), ...others].join("|")})/|^index[.]ts$`;
const paths = (names: readonly string[]): string[] =>
  names.map((name) => `^${name.replaceAll(".", "[.]")}${name.includes(".") ? "$" : "/"}`);

function rulesOf({ folder, may, types = [], offline = [], why: comment }: Row): IRegularForbiddenRuleType[] {
  const own = [folder, ...may];
  const inside = { path: `^${folder}/` };
  const inOffline = `^${folder}/offline/`;
  const rule = (
    name: string,
    from: IRegularForbiddenRuleType["from"],
    to: IRegularForbiddenRuleType["to"],
  ): IRegularForbiddenRuleType => ({ name, comment, severity: "error", from, to });
  return [
    rule(folder, { ...inside, pathNot: inOffline }, { path: ours, pathNot: paths([...own, ...types]) }),
    ...(types.length === 0
      ? []
      : [
          rule(`${folder}: types alone`, inside, {
            path: paths(types),
            pathNot: paths(may),
            dependencyTypesNot: ["type-only"],
          }),
        ]),
    ...(offline.length === 0
      ? []
      : [rule(`${folder}/offline`, { path: inOffline }, { path: ours, pathNot: paths([...own, ...offline]) })]),
  ];
}

const configuration: IConfiguration = {
  forbidden: [
    {
      name: "no cycle",
      comment:
        "files that import one another in a cycle can't be read or moved alone: move what both need to a file below",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    ...rows.flatMap(rulesOf),
    {
      name: "no Pulumi",
      comment:
        "Pulumi is for components/, provider/ and the faces of config/stack/ and policy/: the rest works with no engine",
      severity: "error",
      from: {
        path: ours,
        pathNot: [
          "^index[.]ts$",
          "^(components|provider|test|toolchain/offline)/",
          "^config/stack/settings[.]ts$",
          "^policy/(index|pack|facts/resource)[.]ts$",
        ],
      },
      to: { path: "(^|/)@pulumi/" },
    },
    {
      name: "pure",
      comment:
        "builders/, review/, import/, report/ and rules of policy/ are pure: who calls them reads files, clocks and networks",
      severity: "error",
      from: { path: "^(builders|review|import|report|policy/rules)/" },
      to: { dependencyTypes: ["core"], pathNot: "^(crypto|util|zlib)$" },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^[.]bucketworks/" },
  },
};

export default configuration;
