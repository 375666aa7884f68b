package io.chainrule.core.graph;

import java.util.List;
import java.util.stream.Stream;

/**
 * Where in what somebody wrote a problem lies, in the terms of the core. Which field of a request that is, the web knows.
 * Parts lead inwards: {@code ["initializer", "gain"]}.
 */
public sealed interface Place {

    /** A layer, by its number among the layers, and then among the layers of each residual block that it is in. */
    record OfLayer(List<Integer> path, List<String> parts) implements Whole {
        public static OfLayer at(List<Integer> path) {
            return new OfLayer(path, List.of());
        }

        /** The place of a layer that this one has inside, or of one of the network where this is none. */
        public OfLayer inner(int number) {
            return at(longer(path, number));
        }

        @Override
        public OfLayer part(String name) {
            return new OfLayer(path, longer(parts, name));
        }
    }

    /** A network apart from its layers: its input, loss and regularization. */
    record OfNetwork(List<String> parts) implements Whole {
        public static OfNetwork of(String... parts) {
            return new OfNetwork(List.of(parts));
        }

        @Override
        public OfNetwork part(String name) {
            return new OfNetwork(longer(parts, name));
        }
    }

    /** What is given beside a program: an optimizer, a schedule, the initializer of a network. */
    record OfSetting(List<String> parts) implements Whole {
        public static OfSetting of(String... parts) {
            return new OfSetting(List.of(parts));
        }

        @Override
        public OfSetting part(String name) {
            return new OfSetting(longer(parts, name));
        }
    }

    /** One of the samples that an input carries, counted from 0; {@code validation} where they are for validation alone. */
    record OfSample(boolean validation, String input, int sample) implements Place {}

    /** A place that has places inside. */
    sealed interface Whole extends Place {
        Place part(String name);
    }

    private static <T> List<T> longer(List<T> list, T last) {
        return Stream.concat(list.stream(), Stream.of(last)).toList();
    }
}
