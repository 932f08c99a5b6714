import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { platformJsonSchemaText } from "../config/schema/json-schema.ts";
import { referenceText } from "../config/schema/reference.ts";

/** `make docs`: rewrites what is generated in this folder; tests prove it fresh. */
writeFileSync(join(import.meta.dirname, "schema.json"), platformJsonSchemaText());
writeFileSync(join(import.meta.dirname, "spec-reference.md"), referenceText());
