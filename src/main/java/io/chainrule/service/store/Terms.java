package io.chainrule.service.store;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * What has to hold when something is stored in place of what is there.
 *
 * @param expected looks at what is there, also while nobody else can change that; it throws to refuse the change
 * @param guard makes of what stores it in its transaction what is done there instead
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
