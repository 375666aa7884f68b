-- The same for H2 and PostgreSQL. Old and new replicas run together for a while, so that a migration only adds; what an older version
-- reads is dropped by a migration of the release after the next.
create table api_key (
  id varchar(16) primary key,
  hash char(64) not null unique,
  owner varchar(100) not null,
  scopes varchar(200) not null,
  created_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone,
  revoked_at timestamp(3) with time zone,
  requests bigint,
  compute_seconds bigint,
  bytes bigint,
  trainings integer
);

-- What clients have left of their quotas, where replicas share that.
create table quota (
  id varchar(200) primary key,
  state bytea,
  expires_at bigint,
  explicit_lock bigint
);
