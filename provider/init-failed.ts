import provider from "@pulumi/pulumi/proto/provider_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { plainLines } from "../config/text/plain.ts";

/** What is there of a resource that a create or update reached in part. */
export interface PartialResource {
  readonly id: string;
  readonly properties: Struct;
  readonly inputs: Struct;
}

/** The create or update reached the server in part; the engine keeps what is there and tries again next time. */
export class InitFailed extends Error {
  readonly detail: provider.ErrorResourceInitFailed;

  constructor(message: string, { id, properties, inputs }: PartialResource) {
    super(message);
    this.detail = new provider.ErrorResourceInitFailed();
    this.detail.setId(id);
    this.detail.setProperties(properties);
    this.detail.setInputs(inputs);
    this.detail.setReasonsList([plainLines(message)]);
  }
}
