package io.chainrule.core.explain;

import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** An entry of an array, as {@code W[0,1]}; negative indices count from the end. */
record EntryName(int node, List<Integer> index) {
    private static final Pattern FORM = Pattern.compile("(.+?)\\s*\\[\\s*(-?[0-9]{1,9}(?:\\s*,\\s*-?[0-9]{1,9})*)?\\s*\\]", Pattern.DOTALL);

    /** Reads a name; throws {@link ProblemException} where there is no such node or entry. */
    static EntryName of(String text, Scene scene) {
        Matcher matcher = FORM.matcher(text.strip());
        boolean hasIndex = matcher.matches();
        int node = scene.find(hasIndex ? matcher.group(1) : text.strip(), "entry");
        Shape shape = scene.graph.shape(node);
        List<Integer> index = new ArrayList<>();
        if (hasIndex && matcher.group(2) != null) {
            for (String number : matcher.group(2).split(",", -1)) {
                int at = Integer.parseInt(number.strip());
                int axis = index.size();
                index.add(at < 0 && axis < shape.rank() ? at + shape.dim(axis) : at);
            }
        }
        boolean fits = index.size() == shape.rank();
        for (int axis = 0; fits && axis < index.size(); axis++) {
            fits = index.get(axis) >= 0 && index.get(axis) < shape.dim(axis);
        }
        if (!fits) {
            String id = scene.id(node);
            throw new ProblemException(Problem
                    .of(ProblemCode.INVALID_VALUE, "'" + text + "' is no entry of '" + id + "', which has shape " + shape).node(id)
                    .at(Place.setting("entry")).expected(shape.rank() + " indices within " + shape, text)
                    .hint("write the name and one index for each axis, as W[0,1]"));
        }
        return new EntryName(node, index);
    }

    int element(Shape shape) {
        int element = 0;
        for (int axis = 0; axis < index.size(); axis++) {
            element = element * shape.dim(axis) + index.get(axis);
        }
        return element;
    }

    /** The name of an entry of a node. */
    static String text(String id, List<Integer> index) {
        return index.isEmpty() ? id : id + index.stream().map(String::valueOf).collect(Collectors.joining(",", "[", "]"));
    }
}
