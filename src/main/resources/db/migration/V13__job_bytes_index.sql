create index job_bytes on job (owner, expires_at, bytes);
