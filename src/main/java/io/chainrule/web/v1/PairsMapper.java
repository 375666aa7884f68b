package io.chainrule.web.v1;

import io.chainrule.core.Transformation;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Maps the pairs of nodes that Jacobians are asked of. */
final class PairsMapper {
    private final List<ErrorDetail> errors = new ArrayList<>();

    private PairsMapper() {}

    /**
     * The pairs of a request; none if it asks by {@code of} and {@code wrt}. Throws {@link RequestException} where it has both, or names no
     * pair.
     */
    static List<Transformation.Pairs> pairs(JacobianRequest request) {
        Map<String, List<String>> pairs = request.pairs();
        if (pairs == null) {
            return List.of();
        }
        PairsMapper mapper = new PairsMapper();
        mapper.checkAbsent("of", request.of());
        mapper.checkAbsent("wrt", request.wrt());
        if (pairs.isEmpty()) {
            mapper.error("'pairs' names no node to differentiate", JsonPointer.of("pairs"), "names by node", "none");
        }
        pairs.forEach((of, by) -> {
            if (by.isEmpty()) {
                mapper.error("'pairs' names nothing to differentiate '" + of + "' by", JsonPointer.of("pairs", of), "at least one name",
                        "none");
            }
        });
        if (!mapper.errors.isEmpty()) {
            throw new RequestException(mapper.errors);
        }
        return pairs.entrySet().stream().map(pair -> new Transformation.Pairs(pair.getKey(), List.copyOf(pair.getValue()))).toList();
    }

    private void checkAbsent(String field, @Nullable List<String> value) {
        if (value != null) {
            error("'pairs' says what to differentiate by what, and so does '" + field + "'; leave out one of them", JsonPointer.of(field),
                    "'pairs' or '" + field + "'", "both");
        }
    }

    private void error(String message, String pointer, String expected, String actual) {
        errors.add(ErrorDetail.of(ProblemType.INVALID_VALUE, message).at(pointer).expected(expected, actual));
    }
}
