import type { Framework } from "./rule.ts";

const SAFEGUARDS = {
  "3.3": "configure data access control lists",
  "3.4": "enforce data retention",
  "3.5": "securely dispose of data",
  "3.7": "establish and maintain a data classification scheme",
  "3.10": "encrypt sensitive data in transit",
  "3.11": "encrypt sensitive data at rest",
  "4.7": "manage default accounts on enterprise assets and software",
  "5.4": "restrict administrator privileges to dedicated administrator accounts",
  "6.8": "define and maintain role-based access control",
  "11.3": "protect recovery data",
} as const;

/** A safeguard of the CIS Critical Security Controls. @see https://www.cisecurity.org/controls/v8 */
export function cis(reference: keyof typeof SAFEGUARDS): Framework {
  return { name: "CIS Controls", version: "8", reference, specification: SAFEGUARDS[reference] };
}
