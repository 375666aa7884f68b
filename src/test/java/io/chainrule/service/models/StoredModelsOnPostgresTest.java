package io.chainrule.service.models;

import io.chainrule.web.OnPostgres;

/** The same with PostgreSQL. */
@OnPostgres
class StoredModelsOnPostgresTest extends StoredModelsTest {}
