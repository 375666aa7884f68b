package io.chainrule.web.v1;

import io.chainrule.service.models.ModelName;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import org.jspecify.annotations.Nullable;

/** Names of models, aliases and data sets. */
public final class StoredName {
    private StoredName() {}

    /** Throws {@link RequestException} unless a name in the address is one that {@code what} may have. */
    public static void check(String name, String what) {
        check(name, what, null);
    }

    /** Does the same for a name in a body. */
    public static void check(String name, String what, @Nullable String pointer) {
        if (!ModelName.isLegal(name)) {
            throw new RequestException(ErrorDetail.of(ProblemType.INVALID_VALUE, "'" + name + "' cannot be the name of " + what)
                    .at(pointer).expected(ModelName.FORM, name));
        }
    }
}
