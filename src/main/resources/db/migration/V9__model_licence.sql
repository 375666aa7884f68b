-- The licence of a version, by which lists are filtered. Of versions that were stored before, only the definition has it.
alter table model_version add column licence varchar(200);
