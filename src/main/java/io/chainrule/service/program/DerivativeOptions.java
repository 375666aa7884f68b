package io.chainrule.service.program;

import java.util.Collection;
import java.util.Collections;
import java.util.List;

/**
 * Which derivatives are given, and how.
 *
 * @param order how often the output is differentiated by each name
 * @param isMixed whether there is one derivative only, by all names, one after the other; {@code order} is then not read
 */
public record DerivativeOptions(DerivativeForm form, DerivativeFormat format, int order, boolean isMixed) {
    /** Beyond it a derivative is no longer read, and the number of its terms grows with each order. */
    public static final int MOST_ORDERS = 10;

    /** For each derivative the names to differentiate by, in order. */
    List<List<String>> paths(Collection<String> wrt, List<String> mixed) {
        return isMixed ? List.of(mixed) : wrt.stream().map(name -> Collections.nCopies(order, name)).toList();
    }
}
