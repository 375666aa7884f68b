-- By these, cleaning and quotas find their rows without reading whole tables.
create index model_version_deleted on model_version (deleted_at);
create index model_version_usage on model_version (owner, bytes);
create index dataset_replaced on dataset (replaced_at);
create index job_expires on job (expires_at, id);
create index job_status on job (status, owner);
-- db-scheduler asks for due jobs in this order.
create index job_schedule_priority on job_schedule (priority desc, execution_time);
