import { bucketNameFaults } from "../values/names.ts";

/** The longest a platform's name may be: names of its identities and buckets begin with it. */
const LONGEST = 32;

/** What is wrong with a name for a new platform, or null. */
export function platformNameFault(name: string): string | null {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name)) {
    return "must begin with a lower-case letter and hold lower-case letters, digits and single dashes between them";
  }
  if (name.length > LONGEST) return `must have at most ${LONGEST} characters, has ${name.length}`;
  const [fault] = bucketNameFaults(`${name}-raw`);
  return fault === undefined ? null : `makes a bucket ${name}-raw, and that ${fault.message}`;
}

/**
 * A first platform file: two layers, a job that fills each, people who read, and a stage dev with little data.
 * @param schema path of docs/schema.json from the file's folder, for editors
 */
export function newPlatform(name: string, schema: string): string {
  return `# yaml-language-server: $schema=${schema}
#
# docs/spec-reference.md lists every key, docs/spec.md says which value wins. Check with: bucketworks check
metadata:
  version: "v1.0.0"
  description: "what ${name} is"

bucket_groups:
  raw:
    description: "data as it came"
    layer: raw
    retention_days: 90 # objects expire after 90 days; without this line they are kept for ever
    versioning: true
    noncurrent_days: 30 # a former version stays 30 days
    encryption: sse-s3 # the server needs a KMS for it; none works everywhere
    quota: 500GiB
    buckets:
      - name: ${name}-raw
        description: "data as it came"
        tags: {data_type: raw}
        paths: # bucketworks path ${name}/${name}-raw data --source api --date 20250911
          data: source={source}/date={date}/

  results:
    description: "what is made of it"
    layer: results
    retention_days: 365
    versioning: true
    encryption: sse-s3
    quota: 500GiB
    buckets:
      - name: ${name}-results
        description: "results"
        tags: {data_type: results}
        paths:
          data: date={date}/run_id={run_id}/

access: # roles: list, read (with list), write (no delete), delete, read_write
  policies:
    ingestion:
      grants:
        - {role: write, bucket: ${name}-raw}
    processing:
      grants:
        - {role: read, bucket: ${name}-raw}
        - {role: write, bucket: ${name}-results}
    reader:
      grants:
        - {role: read, bucket: ${name}-results}
  groups: # people join a group: add to users for example ana: {groups: [${name}-readers]}
    ${name}-readers: {policies: [reader]}
  users:
    ${name}-pipeline: {policies: [ingestion, processing]}
  service_accounts: # jobs get a key of their own that can do less than its user
    ${name}-ingestion-job: {user: ${name}-pipeline, policies: [ingestion]}
    ${name}-processing-job: {user: ${name}-pipeline, policies: [processing]}

environments:
  dev: # merged first; what it doesn't name stays as above
    bucket_groups:
      raw: {retention_days: 7}
      results: {retention_days: 30}
`;
}
