package io.chainrule.core.graph;

import java.util.List;
import java.util.stream.Stream;

/**
 * Where in what somebody wrote a problem lies, in the terms of the core. Which field of a request that is, the web knows.
 * Parts lead inwards: {@code ["initializer", "gain"]}.
 */
public sealed interface Place {

    /** A layer, by its number among the layers, and then among the layers of each residual block that it is in. */
    record OfLayer(List<Integer> path, List<String> parts) implements Place {
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
    record OfNetwork(List<String> parts) implements Place {
        public static OfNetwork of(String... parts) {
            return new OfNetwork(List.of(parts));
        }

        @Override
        public OfNetwork part(String name) {
            return new OfNetwork(longer(parts, name));
        }
    }

    /** A node of a list, by its number in it. */
    record OfNode(int node, List<String> parts) implements Place {
        public static OfNode at(int node) {
            return new OfNode(node, List.of());
        }

        @Override
        public OfNode part(String name) {
            return new OfNode(node, longer(parts, name));
        }
    }

    /** A list of nodes apart from the nodes: the list as a whole, its output. */
    record OfNodeList(List<String> parts) implements Place {
        public static OfNodeList of(String... parts) {
            return new OfNodeList(List.of(parts));
        }

        @Override
        public OfNodeList part(String name) {
            return new OfNodeList(longer(parts, name));
        }
    }

    /** What is given beside a program: values and shapes by name, names to differentiate by, an optimizer, the initializer of a network. */
    record OfSetting(List<String> parts) implements Place {
        public static OfSetting of(String... parts) {
            return new OfSetting(List.of(parts));
        }

        @Override
        public OfSetting part(String name) {
            return new OfSetting(longer(parts, name));
        }
    }

    /** The place inside this one that has this name. */
    Place part(String name);

    /** The place of an item, counted from 0. */
    default Place item(int position) {
        return part(Integer.toString(position));
    }

    private static <T> List<T> longer(List<T> list, T last) {
        return Stream.concat(list.stream(), Stream.of(last)).toList();
    }
}
