-- The bytes of a job's request, state and answer, which count for its owner. To add up the parts of all jobs would read them.
alter table job add column bytes bigint default 0 not null;
