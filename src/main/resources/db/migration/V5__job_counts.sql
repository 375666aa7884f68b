-- Requests of one owner that begin jobs at the same time wait for each other here, so that limits hold for them together.
create table job_count (
  owner varchar(130) primary key,
  jobs bigint not null
);
