/** Statements about the rows that cybersec writes of its ingestion runs. */

/** As the source asks for it (CS-064). */
export const HISTORY = "SELECT * FROM ingestion_events ORDER BY id DESC LIMIT 10";

/** The first row that was committed, however many came after it. */
export const KEPT = "SELECT nombre_archivo FROM ingestion_events WHERE nombre_archivo = 'first.parquet'";

/** A run that wrote one file. */
export const added = (file: string): string =>
  `INSERT INTO ingestion_events (timestamp_ingesta, nombre_archivo, ruta_minio, num_registros, estado)
     VALUES ('2025-12-20 12:12:09', '${file}', 's3://cybersec-ml-raw/${file}', 10, 'SUCCESS')`;
