import { expect, test } from "vitest";
import { type MadePostgres, madeOf, postgresFault } from "../../components/kubernetes/postgres/postgres-volumes.ts";
import { PostgresServerConfig } from "../../config/postgres-server/schema.ts";

function made(given: object = {}): MadePostgres {
  return madeOf(PostgresServerConfig.parse(given));
}

test("a server that is the same stays, whatever else of it changes", () => {
  expect(postgresFault(made(), made({ memory: "1Gi", size: "20Gi" }), "cluster")).toBeNull();
  // What the state keeps may leave out what is null.
  expect(
    postgresFault({ kind: "statefulset", name: "a", namespace: "b" }, made({ name: "a", namespace: "b" }), "x"),
  ).toBeNull();
});

test("another kind is refused: it would begin with empty tables", () => {
  expect(postgresFault(made(), made({ kind: "cloudnative-pg" }), "cluster")).toBe(
    "bucketworks:postgres asks for kind cloudnative-pg, and the stack's PostgreSQL was made with kind statefulset: one with empty tables would take its place; put it back: pulumi config set --path --stack cluster bucketworks:postgres.kind statefulset (for another server dump and restore the data: docs/postgres.md#another-server)",
  );
});

test("another name and namespace are refused together", () => {
  const fault = postgresFault(made(), made({ name: "other", namespace: "there" }), "cluster");
  expect(fault).toContain(
    "asks for name other, namespace there, and the stack's PostgreSQL was made with name mlops-postgresql, namespace mlops",
  );
  expect(fault).toContain(
    "pulumi config set --path --stack cluster bucketworks:postgres.name mlops-postgresql; pulumi config set --path --stack cluster bucketworks:postgres.namespace mlops (",
  );
});

test("another storage class is refused, since it has no effect on volumes that are there", () => {
  expect(postgresFault(made(), made({ storageClass: "fast" }), "cluster")).toMatch(
    /asks for storageClass fast, .* made with storageClass of the cluster's choice: a volume keeps the class it was made with; put it back: pulumi config rm --path --stack cluster bucketworks:postgres\.storageClass \(/,
  );
});
