-- Apart from the change of the table, which others could not read until all jobs have been counted.
update job set bytes = (select coalesce(sum(octet_length(data)), 0) from job_part where job_part.job = job.id);
