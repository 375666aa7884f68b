-- The seconds of its client's quota with which a waiting job goes on before resumes_at, as when the quota was raised.
alter table job add column resumes_with double precision default 10 not null;
