import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { platformJsonSchemaText } from "../config/schema/json-schema.ts";
import { referenceText } from "../config/schema/reference.ts";
import { policiesText } from "../policy/reference.ts";
import { reportSchemaText } from "../scan/report/report.ts";

/** `make docs`: rewrites what is generated in this folder; tests prove it fresh. */
writeFileSync(join(import.meta.dirname, "schema.json"), platformJsonSchemaText());
writeFileSync(join(import.meta.dirname, "spec-reference.md"), referenceText());
writeFileSync(join(import.meta.dirname, "scan.schema.json"), reportSchemaText());
writeFileSync(join(import.meta.dirname, "policies.md"), policiesText());
