import type { Fault } from "../issues.ts";
import { shownText } from "../schema/values.ts";
import { controlFault } from "./control-prefixes.ts";
import { keyFault } from "./prefixes.ts";
import type { BucketRule } from "./rule.ts";

/** A placeholder as it must be; the name is the first group. */
const PLACEHOLDER = /\{([a-z][a-z0-9_]*)\}/g;

/** A segment `key={placeholder}`; both are groups. */
export const KEYED = /(?<=^|\/)([a-z][a-z0-9_]*)=\{([a-z][a-z0-9_]*)\}(?=\/|$)/g;

interface Wrong {
  readonly message: string;
  readonly fix: string;
}

/** Path templates and the names they are kept under. */
export const pathTemplates: BucketRule = ({ bucket, path }) => {
  const faults: Fault[] = [];
  for (const [name, template] of Object.entries(bucket.paths ?? {})) {
    const at = [...path, "paths", name];
    if (!/^[a-z][a-z0-9_-]*$/.test(name)) {
      const message = `path name ${shownText(name)} must begin with a lower-case letter and hold letters, digits, _ and -`;
      faults.push({ code: "key-name", path: at, onKey: true, message, fix: "rename the path" });
    }
    const wrong = templateFault(template);
    if (wrong === null) continue;
    const message = `${shownText(template)} ${wrong.message}`;
    faults.push({ code: "path-template", path: at, message, fix: wrong.fix });
  }
  return faults;
};

/** A path is built from a template and read back by it, so each value must have an end and a key of its own. */
function templateFault(template: string): Wrong | null {
  const malformed = braceFault(template) ?? foreignFault(template);
  if (malformed !== null) return malformed;
  const wrong = keyFault(template.replaceAll(PLACEHOLDER, "x"));
  if (wrong !== null) return wrong;
  const keyed = [...template.matchAll(KEYED)].map(([, key = "", name = ""]) => ({ key, name }));
  const twice = keyed.find(
    ({ key, name }, index) => keyed.findIndex((each) => each.key === key || each.name === name) !== index,
  );
  if (twice !== undefined) {
    const { key, name } = twice;
    return {
      message: `repeats itself in ${key}={${name}}`,
      fix: "name the key and the placeholder that are meant there",
    };
  }
  const misplaced = controlFault(template);
  if (misplaced !== null) return misplaced;
  if (!/\}\{/.test(template)) return null;
  return { message: "has two placeholders with nothing between them", fix: "write a / or - between them" };
}

function braceFault(template: string): Wrong | null {
  const doubled = /\{\{+\s*([a-z][a-z0-9_]*)\s*\}\}+/.exec(template);
  if (doubled !== null) return { message: `has doubled braces in ${doubled[0]}`, fix: `write {${doubled[1]}}` };
  const rest = template.replaceAll(PLACEHOLDER, "");
  if (!/[{}]/.test(rest)) return null;
  const inside = /\{+\s*([^{}/]*)\}+/.exec(rest)?.[1];
  if (inside === undefined) return { message: "has a brace without its other half", fix: formFix };
  const better = snakeCase(inside.replace(/[:!].*$/s, ""));
  if (better === "") return { message: "has a placeholder without a name", fix: "name it, for example {date}" };
  return { message: `has a malformed placeholder {${inside.trim()}}`, fix: `write {${better}}: ${nameForm}` };
}

/** `<date>`, `$date` and `%Y` are what other tools call a placeholder. */
function foreignFault(template: string): Wrong | null {
  const found = /<([A-Za-z]\w*)>|\$([A-Za-z]\w*)|%\(?([A-Za-z]\w*)\)?/.exec(template);
  if (found === null) return null;
  const name = snakeCase(found[1] ?? found[2] ?? found[3] ?? "");
  const fix = name.length > 1 ? `write {${name}}` : "name what it stands for, for example {date}";
  return { message: `holds ${found[0]}, which is no placeholder here`, fix };
}

const nameForm = "a lower-case letter, then lower-case letters, digits and _";
const formFix = `write {name}: ${nameForm}`;

function snakeCase(text: string): string {
  return text
    .trim()
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^[_0-9]+|_+$/g, "");
}
