/** How a workload reaches its database. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** The server proves who it is. */
  readonly tls: boolean;
}

/** As environment variables: names of the source (PG_HOST ...), and those that every PostgreSQL client reads (PGHOST ...). */
export function connectionVariables(connection: Connection): Record<string, string> {
  const { host, port, user, password, database, tls } = connection;
  const values = { HOST: host, PORT: String(port), USER: user, PASSWORD: password, DATABASE: database };
  const named = (prefix: string): [string, string][] =>
    Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]);
  return Object.fromEntries([...named("PG_"), ...named("PG"), ["PGSSLMODE", tls ? "verify-full" : "disable"]]);
}
