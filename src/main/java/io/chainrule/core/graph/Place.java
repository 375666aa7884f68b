package io.chainrule.core.graph;

import java.util.List;
import java.util.stream.Stream;

/**
 * Where a problem lies in the source: a layer, a node or a setting. The web layer translates it into a field of the request. Parts lead
 * from the outside inwards: {@code ["initializer", "gain"]}.
 */
public sealed interface Place {

    /** A layer, by its position among the layers; inside residual blocks, the positions from the outermost block inwards. */
    record OfLayer(List<Integer> path, List<String> parts) implements Place {
        public static OfLayer at(List<Integer> path) {
            return new OfLayer(path, List.of());
        }

        /** The place of a layer inside this one, or, if this place has an empty path, of one of the network's own layers. */
        public OfLayer inner(int number) {
            return at(longer(path, number));
        }

        @Override
        public OfLayer part(String name) {
            return new OfLayer(path, longer(parts, name));
        }
    }

    /** A node of a node list, by its position. */
    record OfNode(int node, List<String> parts) implements Place {
        public static OfNode at(int node) {
            return new OfNode(node, List.of());
        }

        @Override
        public OfNode part(String name) {
            return new OfNode(node, longer(parts, name));
        }
    }

    /** What a part that is neither a layer nor a node belongs to. */
    enum Owner {
        /** A network's input, loss and regularization, as opposed to its layers. */
        NETWORK,
        /** A node list as a whole, or its output, as opposed to its nodes. */
        NODE_LIST,
        /** What is supplied beside the program: values and shapes by name, names to differentiate by, an optimizer, an initializer. */
        SETTINGS
    }

    /** Any other part of the source. */
    record OfPart(Owner owner, List<String> parts) implements Place {
        @Override
        public OfPart part(String name) {
            return new OfPart(owner, longer(parts, name));
        }
    }

    static OfPart network(String... parts) {
        return new OfPart(Owner.NETWORK, List.of(parts));
    }

    static OfPart nodeList(String... parts) {
        return new OfPart(Owner.NODE_LIST, List.of(parts));
    }

    static OfPart setting(String... parts) {
        return new OfPart(Owner.SETTINGS, List.of(parts));
    }

    /** The place of the field with this name inside this place. */
    Place part(String name);

    /** The place of an item inside this place, counted from 0. */
    default Place item(int position) {
        return part(Integer.toString(position));
    }

    private static <T> List<T> longer(List<T> list, T last) {
        return Stream.concat(list.stream(), Stream.of(last)).toList();
    }
}
