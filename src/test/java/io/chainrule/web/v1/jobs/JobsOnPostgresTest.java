package io.chainrule.web.v1.jobs;

import io.chainrule.web.OnPostgres;

/** The same with PostgreSQL. */
@OnPostgres
class JobsOnPostgresTest extends JobsTest {}
