import { PolicyPack } from "@pulumi/policy";
import { crossGuardPolicy } from "./pack.ts";
import { rules } from "./rules.ts";

new PolicyPack("bucketworks", { enforcementLevel: "mandatory", policies: rules.map(crossGuardPolicy) });
