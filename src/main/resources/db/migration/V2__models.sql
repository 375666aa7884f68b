-- How many versions a model has had: a number is given once, also where versions have been removed.
create table model (
  owner varchar(130) not null,
  name varchar(63) not null,
  versions integer not null,
  primary key (owner, name)
);

-- A version of a model is not changed once it is there; deleting marks it, and it is removed later.
create table model_version (
  owner varchar(130) not null,
  name varchar(63) not null,
  version integer not null,
  -- The content that defines it, by which its bytes are found in the table of contents.
  digest char(64) not null,
  bytes bigint not null,
  description varchar(2000),
  tags varchar(1000) not null,
  created_at timestamp(3) with time zone not null,
  deleted_at timestamp(3) with time zone,
  primary key (owner, name, version)
);

create table model_alias (
  owner varchar(130) not null,
  name varchar(63) not null,
  alias varchar(63) not null,
  version integer not null,
  primary key (owner, name, alias)
);

-- Definitions and arrays, each once by the SHA-256 of its bytes, in parts because databases limit the length of a value.
create table content (
  digest char(64) primary key,
  bytes bigint not null,
  used_at timestamp(3) with time zone not null
);

create table content_part (
  digest char(64) not null,
  part integer not null,
  data bytea not null,
  primary key (digest, part)
);

-- Which contents a version needs.
create table model_content (
  owner varchar(130) not null,
  name varchar(63) not null,
  version integer not null,
  digest char(64) not null,
  primary key (owner, name, version, digest)
);
create index model_content_digest on model_content (digest);
