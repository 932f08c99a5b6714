-- A run has one row and an object has one, however often a run is ended again. The ingestion can't read: the table decides.
CREATE UNIQUE INDEX ingestion_events_run ON public.ingestion_events (timestamp_ingesta, nombre_archivo);
CREATE UNIQUE INDEX ingestion_events_object ON public.ingestion_events (ruta_minio) WHERE ruta_minio <> '';

ALTER TABLE public.ingestion_events ADD CONSTRAINT ingestion_events_estado CHECK (estado IN ('SUCCESS', 'FAILED'));

COMMENT ON COLUMN public.ingestion_events.ruta_minio IS 'exact path of the object, s3://<bucket>/<file>; empty where the run has none';
COMMENT ON COLUMN public.ingestion_events.estado IS 'state of the run, SUCCESS or FAILED';
