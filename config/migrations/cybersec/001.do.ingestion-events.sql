-- One row for each run of the ingestion: which data set, when, where it lies, how many records (CS-060, CS-061).
CREATE TABLE public.ingestion_events (
  id SERIAL PRIMARY KEY,
  timestamp_ingesta TIMESTAMP NOT NULL,
  nombre_archivo TEXT NOT NULL,
  ruta_minio TEXT NOT NULL,
  num_registros INTEGER NOT NULL,
  estado TEXT NOT NULL
);

COMMENT ON TABLE public.ingestion_events IS 'audit of the ingestion, one row a run';
COMMENT ON COLUMN public.ingestion_events.timestamp_ingesta IS 'time of the ingestion, UTC';
COMMENT ON COLUMN public.ingestion_events.nombre_archivo IS 'name of the file';
COMMENT ON COLUMN public.ingestion_events.ruta_minio IS 'exact path of the object, s3://<bucket>/<file>';
COMMENT ON COLUMN public.ingestion_events.num_registros IS 'how many records the file holds';
COMMENT ON COLUMN public.ingestion_events.estado IS 'state of the run, SUCCESS for example';

GRANT USAGE ON SCHEMA public TO cybersec_ingestion, cybersec_auditor;
GRANT INSERT ON public.ingestion_events TO cybersec_ingestion;
GRANT USAGE ON SEQUENCE public.ingestion_events_id_seq TO cybersec_ingestion;
GRANT SELECT ON public.ingestion_events TO cybersec_auditor;
