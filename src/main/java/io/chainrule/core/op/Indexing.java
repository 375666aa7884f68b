package io.chainrule.core.op;

import static io.chainrule.core.op.Trait.*;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Kernel;
import io.chainrule.core.graph.Node;
import io.chainrule.core.graph.Op;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.ShapeException;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Parts of an array by position, as NumPy's basic indexing. */
final class Indexing {
    private static final Pattern NO_STEP = Pattern.compile("[^:]*:[^:]*:");

    static final OpDefinition INDEX = OpDefinition.define("index", Family.MOVEMENT, "x")
            .attribute(Attribute.required("at", Attribute.Type.ITEMS,
                    "one whole number or slice \"start:stop:step\" an axis; \"...\" stands for as many \":\" as fit"))
            .formula("x[\\dots]", "\\bar x = \\bar y \\text{ at its place, else } 0")
            .example("y = x[0:2]\nf = y[1] * x[2]", Tensor.vector(1, 2, 3))
            .as(a -> new Index(shortest(a.items("at")))).traits(FINITE, ISOLATED_ZEROS, POLYNOMIAL, VIEW)
            .vanishes(", whose indices do not touch it")
            .code(OpCode.array("$0[$at]"));
    static final OpDefinition SCATTER = OpDefinition.define("index_transpose", Family.MOVEMENT, "x").variadic()
            .attribute(Attribute.required("shape", Attribute.Type.INTS, "shape of the result"),
                    Attribute.required("at", Attribute.Type.LISTS, "for each operand the place to which it is added, as index takes it"))
            .formula("\\sum_i x_i \\text{ at } a_i", "\\bar x_i = \\bar y[a_i]")
            .example("y = index_transpose(x, shape=[3], at=[[1]])\nf = sum(y^2)", Tensor.scalar(2))
            .convention("parts that overlap add up")
            .as(a -> new Scatter(a.shape("shape"), lists(a))).traits(FINITE, POLYNOMIAL, SUMS, Trait.PLACES);

    static final List<OpDefinition> ALL = List.of(INDEX, SCATTER);

    private Indexing() {}

    private static List<List<Object>> lists(Attributes a) {
        List<List<Object>> lists = new ArrayList<>();
        for (Object item : a.items("at")) {
            lists.add(shortest((List<?>) item));
        }
        return lists;
    }

    /** The items in normal form: a slice without a step has one colon. */
    static List<Object> shortest(List<?> at) {
        List<Object> items = new ArrayList<>();
        for (Object item : at) {
            boolean hasNoStep = item instanceof String text && NO_STEP.matcher(text).matches();
            items.add(hasNoStep ? item.toString().substring(0, item.toString().length() - 1) : item);
        }
        return List.copyOf(items);
    }

    /** The same items behind a leading batch axis. */
    private static List<Object> behindBatch(List<Object> at) {
        List<Object> items = new ArrayList<>(List.of(":"));
        items.addAll(at);
        return items;
    }

    /** Selects a part of an array; the transpose adds it to zeros at the same place. */
    static final class Index extends Movement {
        private final List<Object> at;

        Index(List<Object> at) {
            this.at = at;
        }

        @Override
        public String name() {
            return "index";
        }

        @Override
        public Map<String, Object> attributes() {
            return Map.of("at", at);
        }

        @Override
        public Shape shape(Shape... operands) {
            return IndexPlace.of(operands[0], at).result();
        }

        @Override
        public Kernel prepare(Shape[] operands, Shape result) {
            return IndexPlace.of(operands[0], at).region().reading();
        }

        /** The loop over elements where they lie in lines that are long enough; else null. */
        @Nullable
        ElementLoop loop(Shape operand) {
            return IndexPlace.of(operand, at).region().loop();
        }

        /** A part that an op joined to others, and that is selected alone, is that operand itself. */
        @Override
        public int selects(Op of, Shape[] operands) {
            if (!(of instanceof Join join)) {
                return -1;
            }
            Region region = IndexPlace.of(join.shape(operands), at).region();
            return IntStream.range(0, operands.length).filter(k -> join.place(operands, k).isSameAs(region)).findFirst().orElse(-1);
        }

        @Override
        public Node batch(Node[] operands, boolean[] batched, int n) {
            return operands[0].graph().add(new Index(behindBatch(at)), operands[0]);
        }

        @Override
        Node transposed(Node node, int operand, Node cotangent) {
            return node.graph().add(new Scatter(node.operand(0).shape(), List.of(at)), cotangent);
        }
    }

    /** Adds operands to zeros, each at its place. */
    static final class Scatter extends Movement {
        private final Shape target;
        private final List<List<Object>> at;

        Scatter(Shape target, List<List<Object>> at) {
            this.target = target;
            this.at = at;
        }

        @Override
        public String name() {
            return "index_transpose";
        }

        @Override
        public Map<String, Object> attributes() {
            Map<String, Object> attributes = new LinkedHashMap<>();
            attributes.put("shape", target.toList());
            attributes.put("at", at);
            return attributes;
        }

        @Override
        public Shape shape(Shape... operands) {
            if (operands.length != at.size()) {
                throw new ShapeException("there are " + operands.length + " operands and " + at.size() + " places", at.size() + " operands",
                        String.valueOf(operands.length));
            }
            for (int k = 0; k < operands.length; k++) {
                Shape part = IndexPlace.of(target, at.get(k)).result();
                if (!part.equals(operands[k])) {
                    throw new ShapeException("operand " + k + " has shape " + operands[k] + ", its place " + part, part.toString(),
                            operands[k].toString());
                }
            }
            return target;
        }

        @Override
        public Kernel prepare(Shape[] operands, Shape result) {
            Region[] regions = at.stream().map(place -> IndexPlace.of(target, place).region()).toArray(Region[]::new);
            if (areParts(operands, regions)) {
                return (x, y, checkpoint) -> {
                    for (int k = 0; k < regions.length; k++) {
                        regions[k].write(y, x[k], checkpoint);
                    }
                };
            }
            return (x, y, checkpoint) -> {
                regions[0].clearOthers(y);
                regions[0].write(y, x[0], checkpoint);
                for (int k = 1; k < regions.length; k++) {
                    regions[k].addTo(y, x[k], checkpoint);
                }
            };
        }

        /** Whether each element of the result is that of exactly one operand. */
        private boolean areParts(Shape[] operands, Region[] regions) {
            if (Arrays.stream(operands).mapToLong(Shape::size).sum() != target.size()) {
                return false;
            }
            BitSet written = new BitSet(target.length());
            for (Region region : regions) {
                region.forEach((to, from) -> written.set(to));
            }
            return written.cardinality() == target.length();
        }

        @Override
        public long flops(Shape[] operands, Shape result) {
            long moved = result.size();
            for (Shape operand : operands) {
                moved += operand.size();
            }
            return moved;
        }

        @Override
        public Node batch(Node[] operands, boolean[] batched, int n) {
            Shape shape = Shape.of(n).concat(target);
            return operands[0].graph().add(new Scatter(shape, at.stream().map(Indexing::behindBatch).toList()),
                    Batched.all(operands, batched, n));
        }

        @Override
        public @Nullable Node error(Node node, @Nullable Node[] errors) {
            List<Node> updates = IntStream.range(0, at.size()).mapToObj(node::operand).toList();
            Node[] ones = updates.stream().map(x -> Maths.broadcastTo(Maths.number(node.graph(), 1), x.shape())).toArray(Node[]::new);
            Node[] sizes = updates.stream().map(Maths::abs).toArray(Node[]::new);
            Node moved = jvp(node, errors);
            return at.size() == 1 ? moved : Errors.ofAdded(node.graph().add(this, ones), node.graph().add(this, sizes), moved);
        }

        @Override
        Node transposed(Node node, int operand, Node cotangent) {
            return Maths.index(cotangent, at.get(operand));
        }

        /** Each place is paired with its own operand, since places may overlap. */
        @Override
        public boolean dependences(Shape[] operands, Shape result, Dependence dependence) {
            for (int k = 0; k < operands.length; k++) {
                int operand = k;
                IndexPlace.of(target, at.get(k)).region().forEach((to, from) -> dependence.between(operand, from, to));
            }
            return true;
        }

        @Override
        public boolean isSummedAtOnce() {
            return true;
        }

        @Override
        public @Nullable Op sumOf(List<Op> all, boolean hasBase) {
            List<List<Object>> places = new ArrayList<>(hasBase ? List.of(List.of("...")) : List.of());
            for (Op op : all) {
                if (!(op instanceof Scatter scatter) || !scatter.target.equals(target)) {
                    return null;
                }
                places.addAll(scatter.at);
            }
            return new Scatter(target, places);
        }
    }
}
