-- The version of the model or the data set that a job has stored; 0 until then.
alter table job add column stored integer default 0 not null;
