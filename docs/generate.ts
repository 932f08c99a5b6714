import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { instancesOf, sharedServices } from "../builders/services/declared.ts";
import { composeFiles } from "../cli/compose/files.ts";
import { describeCommand } from "../cli/help/description.ts";
import { INDEX, indexText } from "../cli/help/index.ts";
import { manPage } from "../cli/help/man-page.ts";
import { declaredAccess } from "../cli/report/declared-access.ts";
import { everyCommand } from "../cli/run.ts";
import { versionsAt } from "../cli/version.ts";
import { platformJsonSchemaText } from "../config/schema/json-schema.ts";
import { referenceText } from "../config/schema/reference.ts";
import { loadModel } from "../config/spec.ts";
import { policiesText } from "../policy/reference.ts";
import { healthReportSchemaText } from "../report/json-schema.ts";
import { rolesPage } from "../report/roles-page.ts";
import { reportSchemaText } from "../scan/report/report.ts";
import { writePages } from "../test/bench/results/pages.ts";

/** `make docs`: rewrites what is generated in this folder, and compose.yaml with its settings; tests prove it fresh. */
writeFileSync(join(import.meta.dirname, "schema.json"), platformJsonSchemaText());
writeFileSync(join(import.meta.dirname, "spec-reference.md"), referenceText());
writeFileSync(join(import.meta.dirname, "scan.schema.json"), reportSchemaText());
writeFileSync(join(import.meta.dirname, "report.schema.json"), healthReportSchemaText());
writeFileSync(join(import.meta.dirname, "policies.md"), policiesText());

const root = dirname(import.meta.dirname);
writePages(root);
const program = describeCommand(await everyCommand());
writeFileSync(join(root, INDEX), indexText(program.commands));
writeFileSync(join(import.meta.dirname, "bucketworks.1"), manPage(program, versionsAt(root).bucketworks));
const result = loadModel({ dir: join(root, "config/platforms"), stage: "dev", env: {} });
if (!result.ok) throw new Error(JSON.stringify(result.issues, null, 2));
const { platforms } = result.model;
writeFileSync(join(import.meta.dirname, "roles.md"), rolesPage(result.model, declaredAccess(result.model)));
const asked = { platforms, shared: sharedServices(platforms), instances: instancesOf(platforms) };
for (const [name, text] of Object.entries(composeFiles(asked))) writeFileSync(join(root, name), text);
