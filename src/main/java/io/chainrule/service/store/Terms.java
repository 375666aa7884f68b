package io.chainrule.service.store;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * The conditions under which something is stored in place of what is there.
 *
 * @param expected is given what is there, and throws to refuse the change. It is also called within the transaction, in which nobody else
 *        can change what is there
 * @param guard wraps the work of the transaction
 */
public record Terms<T, S>(Consumer<Optional<T>> expected, UnaryOperator<Supplier<S>> guard) {
    public static <T, S> Terms<T, S> none() {
        return expecting(_ -> {});
    }

    public static <T, S> Terms<T, S> expecting(Consumer<Optional<T>> expected) {
        return new Terms<>(expected, UnaryOperator.identity());
    }

    public static <T, S> Terms<T, S> guarded(UnaryOperator<Supplier<S>> guard) {
        return new Terms<>(_ -> {}, guard);
    }
}
