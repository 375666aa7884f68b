package io.chainrule.web.security;

import io.chainrule.service.access.Scope;
import java.util.EnumSet;
import java.util.Set;

/** What a client needs for an endpoint: any of these scopes; none for what is open to all. */
enum Access {
    OPEN(),
    COMPUTE(Scope.COMPUTE),
    TRAIN(Scope.TRAIN),
    MODELS(Scope.MODELS_WRITE),
    DATASETS_READ(Scope.DATASETS_READ, Scope.DATASETS_WRITE),
    DATASETS(Scope.DATASETS_WRITE),
    JOBS(Scope.JOBS),
    METRICS(Scope.METRICS, Scope.ADMIN),
    ADMIN(Scope.ADMIN);

    private final Set<Scope> scopes = EnumSet.noneOf(Scope.class);

    Access(Scope... scopes) {
        this.scopes.addAll(Set.of(scopes));
    }

    Set<Scope> scopes() {
        return scopes;
    }
}
