package io.chainrule.core.explain;

import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemCode;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** An entry of an array, as {@code W[0,1]}; negative indices count from the end. */
record EntryName(int node, List<Integer> index) {
    private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,9}");
    /** No array has so many axes that their indices need more. */
    private static final int LONGEST_INDICES = 500;
    private static final String FORM = "write the name and one index for each axis, as W[0,1]; the name alone for a scalar";
    private static final String FORM_OF_SAMPLE = "with 'batch' write the name, the number of the sample and one index for each axis, "
            + "as W[3,0,1]";

    /**
     * Reads a name; throws {@link ProblemException} where there is no such node or entry. {@code written} is what the request has, where
     * the name is that without the number of a sample.
     */
    static EntryName of(String text, String written, Scene scene) {
        String name = text.strip();
        boolean isOfSample = !text.equals(written);
        int open = name.lastIndexOf('[');
        boolean hasIndex = open > 0 && name.endsWith("]");
        if (hasIndex) {
            return of(written, isOfSample, scene.find(name.substring(0, open).strip(), "entry", FORM),
                    name.substring(open + 1, name.length() - 1), scene);
        }
        return of(written, isOfSample, scene.find(name, "entry", FORM), "", scene);
    }

    private static EntryName of(String text, boolean isOfSample, int node, String indices, Scene scene) {
        Shape shape = scene.graph.shape(node);
        List<Integer> index = new ArrayList<>();
        boolean fits = indices.length() <= LONGEST_INDICES;
        for (String number : indices.isBlank() || !fits ? new String[0] : indices.split(",", -1)) {
            boolean isNumber = INTEGER.matcher(number.strip()).matches();
            int axis = index.size();
            int at = isNumber ? Integer.parseInt(number.strip()) : -1;
            index.add(isNumber && at < 0 && axis < shape.rank() ? at + shape.dim(axis) : at);
            fits &= isNumber && axis < shape.rank() && index.get(axis) >= 0 && index.get(axis) < shape.dim(axis);
        }
        if (!fits || index.size() != shape.rank()) {
            String id = scene.id(node);
            String indexed = shape.rank() + " indices within " + shape;
            throw new ProblemException(Problem
                    .of(ProblemCode.INVALID_VALUE, "'" + Scene.quoted(text) + "' is no entry of '" + id + "', which has shape " + shape
                            + (isOfSample ? " in each sample" : ""))
                    .node(id).at(Place.setting("entry"))
                    .expected(isOfSample ? "the number of a sample and " + indexed : indexed, Scene.quoted(text))
                    .hint(isOfSample ? FORM_OF_SAMPLE : FORM));
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
