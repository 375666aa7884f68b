-- When a job goes on that waits for its client's quota; null for all others.
alter table job add column resumes_at timestamp(3) with time zone;
-- Seconds of all attempts together, by the clock.
alter table job add column worked double precision default 0 not null;
