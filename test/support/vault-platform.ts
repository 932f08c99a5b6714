import { platformFile } from "./specs.ts";

const BUCKET = "vault-backups";

/** A platform whose bucket takes the backups of the stack's databases. */
export const VAULT = `${platformFile(`      - {name: ${BUCKET}, description: backups of databases, versioning: true, on_delete: retain}`)}
database_backup: {bucket: ${BUCKET}, service_account: vault-database-backup, archive_timeout: 30s}
access:
  policies:
    database-backup:
      grants:
        - {role: list, bucket: ${BUCKET}}
        - {role: read, bucket: ${BUCKET}, prefixes: [databases/]}
        - {role: write, bucket: ${BUCKET}, prefixes: [databases/]}
  users:
    vault-database: {policies: [database-backup]}
  service_accounts:
    vault-database-backup: {user: vault-database, policies: [database-backup]}
`;
