package io.chainrule.web.datasets;

import io.chainrule.web.OnPostgres;

/** The same with PostgreSQL, and a folder that replicas share. */
@OnPostgres
class DatasetsOnPostgresTest extends DatasetsTest {}
