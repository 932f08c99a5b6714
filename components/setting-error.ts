import * as pulumi from "@pulumi/pulumi";
import { type Fix, formatSettingFault } from "../config/stack/fault.ts";

/** What the stack's settings lack, found while it is deployed; its commands name the stack. */
export function settingError(message: string, ...fix: Fix): pulumi.RunError {
  return new pulumi.RunError(formatSettingFault({ message, fix }, pulumi.getStack()));
}
