-- The bytes of a job's request, state and answer, which count for its owner. To add up the parts of all jobs would read them.
alter table job add column bytes bigint default 0 not null;
update job set bytes = (select coalesce(sum(octet_length(data)), 0) from job_part where job_part.job = job.id);
create index job_bytes on job (owner, expires_at, bytes);
