create table job (
  id varchar(40) primary key,
  owner varchar(130) not null,
  client varchar(130) not null,
  -- What the client may have, as its requests are counted; empty for any amount.
  quotas varchar(100) not null,
  kind varchar(20) not null,
  status varchar(20) not null,
  language varchar(10) not null,
  may_store boolean not null,
  -- Which versions of models it calls, as digits@prod=digits:3, separated by spaces.
  models text not null,
  idempotency_key varchar(255),
  request_digest char(64) not null,
  flops double precision not null,
  estimate double precision not null,
  unit varchar(20) not null,
  -- Each attempt has a number of its own. Only the one with the latest number may write.
  fence bigint not null,
  failures integer not null,
  cancelled boolean not null,
  done bigint not null,
  total bigint not null,
  made bigint not null,
  seconds_left double precision not null,
  seconds double precision not null,
  latest text,
  problem text,
  engines varchar(1000) not null,
  events bigint not null,
  created_at timestamp(3) with time zone not null,
  started_at timestamp(3) with time zone,
  ended_at timestamp(3) with time zone,
  expires_at timestamp(3) with time zone
);
create unique index job_key on job (owner, idempotency_key);
create index job_owner on job (owner, id);

-- The request, the latest state and the answer, in parts because databases limit the length of a value.
create table job_part (
  job varchar(40) not null,
  content varchar(20) not null,
  part integer not null,
  data bytea not null,
  primary key (job, content, part)
);

create table job_event (
  job varchar(40) not null,
  number bigint not null,
  type varchar(20) not null,
  data text not null,
  primary key (job, number)
);

-- Which jobs are due, and which replica has picked them; the columns are those that db-scheduler needs.
create table job_schedule (
  task_name varchar(100) not null,
  task_instance varchar(100) not null,
  task_data bytea,
  execution_time timestamp(6) with time zone not null,
  picked boolean not null,
  picked_by varchar(200),
  last_success timestamp(6) with time zone,
  last_failure timestamp(6) with time zone,
  consecutive_failures integer,
  last_heartbeat timestamp(6) with time zone,
  version bigint not null,
  priority smallint,
  primary key (task_name, task_instance)
);
create index job_schedule_time on job_schedule (execution_time);
create index job_schedule_heartbeat on job_schedule (last_heartbeat);
