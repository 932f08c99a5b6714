import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { postgresProgram } from "../../cli/local/postgres/program.ts";
import { unpacked } from "./images/packages.ts";
import { copyProgram } from "./images/program.ts";
import type { TestCluster } from "./kubernetes/cluster.ts";
import { findParts } from "./kubernetes/parts.ts";

/** The npm package's server and Debian's clients, laid out as the official image is where it matters. */
export const POSTGRES_IMAGE = "localhost/postgres:test";

/** `psql` and `pg_isready` of Debian 12, with every library they may lack; the npm package has neither. */
const CLIENT = [
  "postgresql-client-15",
  "libpq5",
  "libreadline8",
  "libtinfo6",
  "libssl3",
  "libldap-2.5-0",
  "libsasl2-2",
];
const KERBEROS = ["libgssapi-krb5-2", "libkrb5-3", "libk5crypto3", "libkrb5support0", "libcom-err2", "libkeyutils1"];
const GNUTLS = ["libgnutls30", "libp11-kit0", "libidn2-0", "libunistring2", "libtasn1-6", "libnettle8", "libhogweed6"];
const NUMBERS = ["libgmp10", "libffi8"];
const PACKAGES = [...CLIENT, ...KERBEROS, ...GNUTLS, ...NUMBERS];

/** Debian's name for the machine. */
const LIBRARIES = process.arch === "x64" ? "x86_64-linux-gnu" : "aarch64-linux-gnu";
const SERVER = "/usr/local/postgres";
const CLIENTS = "/usr/local/clients";
const TOOLS = ["sh", "chmod", "mv", "rm", "cat", "kill", "env", "sleep"];

/** Puts it into the cluster. */
export function loadPostgresImage(cluster: TestCluster): Promise<void> {
  return cluster.imageOfRun(POSTGRES_IMAGE, { Env: [`PATH=${SERVER}/bin:/usr/bin:/bin`] }, async (root) => {
    const parts = findParts();
    if (parts === undefined) throw new Error("the parts of the test cluster aren't built");
    for (const folder of ["bin", "usr/bin", "etc"]) mkdirSync(join(root, folder), { recursive: true });
    mkdirSync(join(root, "tmp"), { mode: 0o1777 });
    copyFileSync(join(parts.packages, "bin/busybox"), join(root, "bin/busybox"));
    for (const tool of TOOLS) symlinkSync("busybox", join(root, "bin", tool));
    // Debian's own number for postgres, as in the official image.
    writeFileSync(join(root, "etc/passwd"), "root:x:0:0::/:/bin/sh\npostgres:x:999:999::/tmp:/bin/sh\n");
    server(root);
    clients(root, await unpacked("postgres-clients", PACKAGES));
  });
}

/** Its programs look for their libraries and files beside them; from the machine they have the C library. */
function server(root: string): void {
  const native = dirname(dirname(postgresProgram("postgres")));
  cpSync(native, join(root, SERVER), { recursive: true, verbatimSymlinks: true });
  for (const name of ["postgres", "initdb"] as const) {
    const scratch = mkdtempSync(join(tmpdir(), "bucketworks-libraries-"));
    copyProgram(postgresProgram(name), scratch, "program");
    rmSync(join(scratch, native), { recursive: true, force: true });
    rmSync(join(scratch, "program"));
    cpSync(scratch, root, { recursive: true });
    rmSync(scratch, { recursive: true });
  }
}

function clients(root: string, packages: string): void {
  mkdirSync(join(root, CLIENTS), { recursive: true });
  for (const folder of ["usr/lib", "lib"].map((each) => join(packages, each, LIBRARIES))) {
    if (existsSync(folder)) cpSync(folder, join(root, CLIENTS), { recursive: true, verbatimSymlinks: true });
  }
  // Of the C library, as the server's own are.
  copyFileSync(realpathSync(join("/lib", LIBRARIES, "libresolv.so.2")), join(root, CLIENTS, "libresolv.so.2"));
  for (const name of ["psql", "pg_isready"]) {
    copyFileSync(join(packages, "usr/lib/postgresql/15/bin", name), join(root, CLIENTS, name));
    const wrapper = join(root, "usr/bin", name);
    writeFileSync(wrapper, `#!/bin/sh\nLD_LIBRARY_PATH=${CLIENTS} exec ${CLIENTS}/${name} "$@"\n`);
    chmodSync(wrapper, 0o755);
  }
}
