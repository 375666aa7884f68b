package io.chainrule.web.v1.datasets;

import io.chainrule.web.OnPostgres;

/** The same with PostgreSQL, and a folder that replicas share. */
@OnPostgres
class DatasetsOnPostgresTest extends DatasetsTest {}
