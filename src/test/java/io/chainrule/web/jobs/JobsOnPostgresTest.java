package io.chainrule.web.jobs;

import io.chainrule.web.OnPostgres;

/** The same with PostgreSQL. */
@OnPostgres
class JobsOnPostgresTest extends JobsTest {}
