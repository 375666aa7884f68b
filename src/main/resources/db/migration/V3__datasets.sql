-- How many times something has been stored under the name of a data set.
create table dataset_name (
  owner varchar(130) not null,
  name varchar(63) not null,
  versions integer not null,
  primary key (owner, name)
);

-- A data set as it was stored. It is not changed; what has been replaced or deleted stays for those who still read it, and is removed
-- later.
create table dataset (
  owner varchar(130) not null,
  name varchar(63) not null,
  version integer not null,
  format varchar(10) not null,
  location varchar(2000),
  -- Names the file that the service keeps; empty where it cannot read the location.
  digest varchar(64) not null,
  bytes bigint not null,
  row_count bigint not null,
  -- Columns, files and parts in JSON.
  layout varchar(1000000) not null,
  created_at timestamp(3) with time zone not null,
  replaced_at timestamp(3) with time zone,
  used_at timestamp(3) with time zone not null,
  primary key (owner, name, version)
);
create index dataset_digest on dataset (digest);

-- The files that the service keeps. A row is locked while its file is put into its place or removed.
create table dataset_file (
  digest varchar(64) primary key,
  used_at timestamp(3) with time zone not null
);
