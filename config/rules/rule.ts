import type { Fault, SpecIssue } from "../issues.ts";
import type { BucketView, View } from "./stage-view.ts";

/** Judges one bucket with its group. */
export type BucketRule = (view: BucketView) => Fault[];

/** Judges one document. */
export type DocumentRule = (view: View) => Fault[];

/** Judges the documents of one stack together. */
export type StackRule = (views: readonly View[]) => SpecIssue[];
