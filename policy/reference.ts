import { z } from "zod";
import type { Rule } from "./rule.ts";
import { rules } from "./rules.ts";

/** Facts that no spec tells. */
const NOT_IN_SPECS: ReadonlySet<string> = new Set(["servers", "deployers", "deployed", "place", "type"]);
/** What rules judge that no spec asks for. */
const OF_KUBERNETES: ReadonlySet<string> = new Set(["service", "namespace"]);

const INTRODUCTION = `# Policies

What every platform keeps to, no matter who wrote its file. Each rule is a small pure function in \`policy/rules/\`; the same
function judges in three places, and says the same:

| place | command | needs | can't tell |
|---|---|---|---|
| the spec alone | \`bucketworks check --stage production\` | nothing: no network, no credentials, safe for the pull request of a fork | ${listOf((rule) => !onSpecs(rule) && !ofKubernetes(rule))}, the server's own objects on Kubernetes |
| preview and update | \`pulumi preview --policy-pack policy\`, \`pulumi up --policy-pack policy\` | the stack | what is deleted: packs never see it, the comment on the pull request does |
| exported state | \`pulumi stack export --file state.json\`, then \`pulumi policy analyze --file state.json --policy-pack policy\` | the file | - |

**Levels.** Every rule is \`mandatory\`: it ends a preview or update with an error before anything is written. A pack doesn't
learn the stage it judges, so it is told: \`--policy-pack-config policy/stages/dev.json\` relaxes what a stage for trying
things out may do without. A forgotten flag refuses too much, never too little. \`bucketworks check --stage S\` reads
\`policy/stages/S.json\` by itself, where there is one. The file maps a rule (or \`all\`) to a level (\`mandatory\`, \`advisory\`,
\`disabled\`), or to its options, with \`enforcementLevel\` beside them where it shall change.

**Before the update.** Rules on buckets, documents of rights and objects of Kubernetes judge each resource before it is made, in the preview and
again in the update. Rules on identities judge all of them together: at the end of a preview, which \`pulumi up\` runs first.
With \`--skip-preview\` those alone come too late.

**Values that a preview doesn't know.** No rule passes or fails on one: CrossGuard says as advice which rule waits for which
value, and the update judges it. In this project every value that a rule needs is known at the preview.

**Kubernetes.** Rules whose names begin with \`kubernetes-\` judge whatever the program makes that runs pods, in every container:
main, init and sidecar, and those of a CronJob's Jobs. Custom resources (a Certificate, a ServiceMonitor, a database's Cluster)
have no pods of their own. What a Helm release or a patch brings isn't shown to a pack: Pod Security of the namespace judges it.

**Secrets.** A pack gets them in plaintext; no sentence of a rule holds one.
`;

/** `docs/policies.md`. */
export function policiesText(): string {
  return [INTRODUCTION, "## The rules\n", table(), ...rules.map(section)].join("\n");
}

function onSpecs(rule: Rule): boolean {
  return !ofKubernetes(rule) && !rule.needs.some((fact) => NOT_IN_SPECS.has(fact));
}

function ofKubernetes({ judges }: Rule): boolean {
  return OF_KUBERNETES.has(judges);
}

function listOf(choose: (rule: Rule) => boolean): string {
  return rules
    .filter(choose)
    .map(({ name }) => `\`${name}\``)
    .join(", ");
}

function table(): string {
  const rows = rules.map(
    ({ name, topic, severity, description }) => `| [${name}](#${name}) | ${topic} | ${severity} | ${description} |`,
  );
  return ["| rule | topic | severity | what holds |", "|---|---|---|---|", ...rows, ""].join("\n");
}

function section(rule: Rule): string {
  const { name, description, remedy, framework, note, options } = rule;
  const facts = [
    `- **What to do:** ${remedy}`,
    ...(framework
      ? [
          `- **Asked for by:** ${framework.name} v${framework.version}, ${framework.reference} (${framework.specification})`,
        ]
      : []),
    ...(onSpecs(rule) ? [] : ["- **Not applicable:** to a spec alone"]),
    ...(note ? [`- **Note:** ${note}`] : []),
  ];
  return [`### ${name}\n`, `${sentenceCase(description)}.\n`, ...facts, ...optionLines(options), ""].join("\n");
}

function optionLines(options: z.ZodObject): string[] {
  const { properties = {} } = z.toJSONSchema(options, { io: "input" });
  return Object.entries(properties).map(([key, schema]) => {
    const { description, default: value } = schema as { description?: string; default?: unknown };
    return `- **Option \`${key}\`:** ${description}${value === undefined ? "" : `; by default \`${JSON.stringify(value)}\``}`;
  });
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
