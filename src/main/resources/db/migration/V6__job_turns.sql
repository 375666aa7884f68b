-- When a job goes on that waits for its client's quota; null for all others.
alter table job add column resumes_at timestamp(3) with time zone;
-- Seconds of all attempts together, by the clock.
alter table job add column worked double precision default 0 not null;
-- The round of a job, negative, as db-scheduler takes the highest first: rounds grow for as long as there are jobs.
alter table job_schedule alter column priority set data type integer;
-- Without a round, jobs that are there already would have no place among the others.
update job_schedule set priority = 0;
