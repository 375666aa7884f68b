package io.chainrule.core;

import io.chainrule.core.graph.Family;
import io.chainrule.core.graph.Op;
import io.chainrule.core.op.OpCatalogue;
import io.chainrule.core.op.OpDefinition;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One way to use an op: attributes and operand shapes, through which the tests of the catalogue take it. */
public record OpCase(OpDefinition definition, Map<String, ?> attributes, List<Shape> shapes) {

    /** Attributes of elementwise ops; the first stand for the op wherever one is enough. */
    private static final Map<String, List<Map<String, ?>>> ATTRIBUTES = Map.ofEntries(
            Map.entry("clip", List.of(Map.of("min", -1, "max", 1), Map.of("min", 0), Map.of("max", 0.5), Map.of())),
            Map.entry("nan_to_num", List.of(Map.of(), Map.of("nan", 7, "posinf", 8, "neginf", -8))),
            Map.entry("leaky_relu", List.of(Map.of(), Map.of("negative_slope", -0.5), Map.of("negative_slope", 3))),
            Map.entry("elu", List.of(Map.of(), Map.of("alpha", 0.5), Map.of("alpha", -2))),
            Map.entry("softplus", List.of(Map.of(), Map.of("beta", 3.5))),
            Map.entry("sinc_derivative", List.of(Map.of("order", 1), Map.of("order", 2), Map.of("order", 5))),
            Map.entry("hard_tanh", List.of(Map.of(), Map.of("min", -0.5, "max", 1.5))),
            Map.entry("celu", List.of(Map.of(), Map.of("alpha", 2), Map.of("alpha", -0.5))),
            Map.entry("gelu", List.of(Map.of(), Map.of("approximate", "tanh"))),
            Map.entry("softshrink", List.of(Map.of(), Map.of("lambd", 1), Map.of("lambd", 0))),
            Map.entry("hardshrink", List.of(Map.of(), Map.of("lambd", 1), Map.of("lambd", 0))),
            Map.entry("threshold", List.of(Map.of("threshold", 1, "value", 20), Map.of("threshold", -0.5, "value", 0))),
            Map.entry("polygamma", List.of(Map.of("n", 1), Map.of("n", 0), Map.of("n", 2), Map.of("n", 5))));

    /** Operand shapes of elementwise ops by arity: equal, broadcast, empty, of length 1, scalar. */
    private static final Map<Integer, List<List<Shape>>> BROADCASTS = Map.of(
            1, List.of(shapes("2,3"), shapes(""), shapes("1"), shapes("0"), shapes("2,0,3"), shapes("1,4,1")),
            2,
            List.of(shapes("2,3", "2,3"), shapes("2,3", "3"), shapes("2,3", "2,1"), shapes("2,3", ""), shapes("", "3"), shapes("3", "2,1"),
                    shapes("2,1,3", "4,1"), shapes("1", "1,1"), shapes("2,0", "1"), shapes("0,1", "3"), shapes("", "")),
            3, List.of(shapes("2,3", "2,3", "2,3"), shapes("2,3", "3", "2,1"), shapes("", "2,3", "3"), shapes("3", "", "2,1"),
                    shapes("2,1", "", ""), shapes("0", "1", ""), shapes("", "", "")));

    private static final Set<String> AXES = Set.of("axis", "axes", "axis1", "axis2", "source", "destination");

    /** Ops whose axes are those of the result. */
    private static final Set<String> RANKED_BY_RESULT = Set.of("stack", "expand_dims");

    /** Every other op: its operand shapes and attributes. */
    private static final List<OpCase> TABLE = List.of(
            of("zeros", Map.of("shape", List.of(2, 3))), of("zeros", Map.of("shape", List.of())), of("ones", Map.of("shape", 3)),
            of("ones", Map.of("shape", List.of(2, 0))), of("full", Map.of("shape", List.of(2), "value", -0.5)), of("eye", Map.of("n", 3)),
            of("eye", Map.of("n", 0)), of("arange", Map.of("stop", 4)), of("arange", Map.of("start", 2, "stop", -1, "step", -0.5)),
            of("arange", Map.of("start", 1, "stop", 1)), of("linspace", Map.of("start", -1, "stop", 1, "num", 5)),
            of("linspace", Map.of("start", 2, "stop", 3, "num", 1)), of("linspace", Map.of("start", 2, "stop", 3, "num", 0)),
            of("sum", Map.of(), "2,3"), of("sum", Map.of("axis", 0), "2,3"), of("sum", Map.of("axis", -1, "keepdims", true), "2,3"),
            of("sum", Map.of("axis", List.of(0, 2)), "2,3,4"), of("sum", Map.of("axis", List.of()), "2,3"), of("sum", Map.of(), ""),
            of("sum", Map.of("axis", 0), "0,3"), of("sum", Map.of("axis", 1), "0,3"), of("sum", Map.of("axis", 1), "1,1,1"),
            of("mean", Map.of(), "2,3"), of("mean", Map.of("axis", 1), "2,3"), of("mean", Map.of("axis", List.of(-1, 0)), "2,3,4"),
            of("mean", Map.of("keepdims", true), "1,3"), of("mean", Map.of(), ""), of("mean", Map.of("axis", 0), "1,3"),
            of("mean", Map.of("axis", 1), "0,3"),
            of("squared_norm", Map.of(), "2,3"), of("squared_norm", Map.of("axis", 0), "3,2"),
            of("squared_norm", Map.of("axis", List.of(0, -1), "keepdims", true), "2,3,2"), of("squared_norm", Map.of(), ""),
            of("squared_norm", Map.of("axis", List.of()), "2"), of("squared_norm", Map.of("axis", 1), "2,0"),
            of("prod", Map.of(), "7"), of("prod", Map.of("axis", 0), "3,2"), of("prod", Map.of("axis", 1, "keepdims", true), "2,5"),
            of("prod", Map.of("axis", List.of(0, 2)), "2,3,2"), of("prod", Map.of(), ""), of("prod", Map.of(), "1"),
            of("prod", Map.of(), "0"), of("prod", Map.of("axis", 0), "0,2"),
            of("max", Map.of(), "2,3"), of("max", Map.of("axis", 0), "3,2"),
            of("max", Map.of("axis", List.of(0, 2), "keepdims", true), "2,3,2"),
            of("max", Map.of(), ""), of("max", Map.of("axis", 1), "0,3"),
            of("min", Map.of(), "2,3"), of("min", Map.of("axis", -1), "3,2"), of("min", Map.of("axis", 0), "3,0"),
            of("logsumexp", Map.of(), "2,3"), of("logsumexp", Map.of("axis", 0, "keepdims", true), "2,3"),
            of("logsumexp", Map.of("axis", List.of(1, 0)), "2,3,2"), of("logsumexp", Map.of(), ""),
            of("logsumexp", Map.of("axis", 0), "2,0"),
            of("softmax", Map.of(), "4"), of("softmax", Map.of("axis", 0), "3,2"), of("softmax", Map.of("axis", 1), "2,3,2"),
            of("softmax", Map.of(), "1"), of("softmax", Map.of(), "2,0"),
            of("log_softmax", Map.of(), "4"), of("log_softmax", Map.of("axis", 0), "3,2"), of("log_softmax", Map.of("axis", -2), "2,3,2"),
            of("log_softmax", Map.of(), "0,3"),
            of("maxout", Map.of("pieces", 2), "8"), of("maxout", Map.of("pieces", 3, "axis", 0), "6,2"),
            of("maxout", Map.of("pieces", 1), "4"),
            of("glu", Map.of(), "4"), of("glu", Map.of("axis", 0), "4,2"), of("glu", Map.of("axis", -2), "2,2,3"),
            of("glu", Map.of(), "2,0"),
            of("reshape", Map.of("shape", List.of(3, 2)), "2,3"), of("reshape", Map.of("shape", List.of(-1, 2)), "2,3"),
            of("reshape", Map.of("shape", List.of()), "1,1"), of("reshape", Map.of("shape", List.of(0, 5)), "3,0"),
            of("transpose", Map.of(), "2,3,4"), of("transpose", Map.of("axes", List.of(1, 2, 0)), "2,3,4"),
            of("transpose", Map.of("axes", List.of(-1, 0, -2)), "2,3,4"), of("transpose", Map.of(), "3"), of("transpose", Map.of(), ""),
            of("transpose", Map.of(), "2,0"),
            of("broadcast_to", Map.of("shape", List.of(2, 3)), "3"), of("broadcast_to", Map.of("shape", List.of(2, 3, 2)), "3,1"),
            of("broadcast_to", Map.of("shape", List.of(2, 2)), ""), of("broadcast_to", Map.of("shape", List.of(0, 3)), "1,3"),
            of("concatenate", Map.of(), "2", "3"), of("concatenate", Map.of("axis", 1), "2,1", "2,3", "2,0"),
            of("concatenate", Map.of("axis", -2), "1,2", "2,2"), of("concatenate", Map.of(), "2"),
            of("stack", Map.of(), "", "", ""), of("stack", Map.of("axis", 1), "2,3", "2,3"), of("stack", Map.of("axis", -1), "2", "2", "2"),
            of("stack", Map.of(), "0", "0"),
            of("index", Map.of("at", List.of(1)), "3"), of("index", Map.of("at", List.of(-1, "0:2")), "2,3"),
            of("index", Map.of("at", List.of("::-2", "...", 0)), "4,2,3"), of("index", Map.of("at", List.of(":", "2:0:-1")), "2,3"),
            of("index", Map.of("at", List.of("1:1")), "3"), of("index", Map.of("at", List.of()), "2"),
            of("index", Map.of("at", List.of()), ""),
            of("index_transpose", Map.of("shape", List.of(3), "at", List.of(List.of(1))), ""),
            of("index_transpose", Map.of("shape", List.of(2, 3), "at", List.of(List.of(1, "::2"), List.of("...", 2))), "2", "2"),
            of("index_transpose", Map.of("shape", List.of(3), "at", List.of(List.of("::-1"), List.of(0), List.of("3:"))), "3", "", "0"),
            of("matmul", Map.of(), "2,3", "3,4"), of("matmul", Map.of(), "3", "3"), of("matmul", Map.of(), "2,3", "3"),
            of("matmul", Map.of(), "3", "3,2"), of("matmul", Map.of(), "2,2,3", "3,2"), of("matmul", Map.of(), "2,1,2,3", "4,3,2"),
            of("matmul", Map.of(), "3", "2,3,2"), of("matmul", Map.of(), "2,2,3", "3"), of("matmul", Map.of(), "2,3", "2,3,2"),
            of("matmul", Map.of(), "1,1", "1,1"), of("matmul", Map.of(), "2,0", "0,3"), of("matmul", Map.of(), "0,2", "2,3"),
            of("matmul", Map.of(), "0,2,3", "0,3,2"),
            of("dot", Map.of(), "3", "3"), of("dot", Map.of(), "2,3", "3,2"), of("dot", Map.of(), "2,3", "2,3,2"),
            of("dot", Map.of(), "", "3"),
            of("dot", Map.of(), "2,2", ""), of("dot", Map.of(), "2,2,3", "3"), of("dot", Map.of(), "", ""), of("dot", Map.of(), "0", "0"),
            of("outer", Map.of(), "2", "3"), of("outer", Map.of(), "2,2", "3"), of("outer", Map.of(), "", "2"),
            of("outer", Map.of(), "0", "2"));

    /** Contractions, losses and normalizations. */
    private static final List<OpCase> CIRCUITS = List.of(
            of("inner", Map.of(), "3", "3"), of("inner", Map.of(), "2,3", "4,1,3"), of("inner", Map.of(), "", "2"),
            of("vecdot", Map.of(), "2,3", "3"), of("vecdot", Map.of("axis", 0), "2,3", "2,3"),
            of("vecdot", Map.of("axis", 1), "2,3,1", "1,3,2"),
            of("matvec", Map.of(), "2,3", "3"), of("matvec", Map.of(), "2,2,3", "2,3"), of("matvec", Map.of(), "2,3", "4,3"),
            of("trace", Map.of(), "3,3"), of("trace", Map.of(), "2,2,3"), of("trace", Map.of("offset", 1), "3,3"),
            of("trace", Map.of("offset", -1), "4,2"), of("trace", Map.of("offset", 5), "2,2"), of("trace", Map.of(), "1,1"),
            of("tensordot", Map.of(), "2,3,2", "3,2,2"), of("tensordot", Map.of("axes", 0), "2", "3"),
            of("tensordot", Map.of("axes", List.of(List.of(0, -1), List.of(1, 0))), "2,3,2", "2,2,3"),
            of("tensordot", Map.of("axes", 1), "2,0", "0,3"),
            of("tensordot", Map.of("axes", List.of(1, 0)), "2,3", "3,2"),
            of("cross", Map.of(), "3", "3"), of("cross", Map.of(), "2,3", "3"), of("cross", Map.of("axis", 0), "3,2", "3,2"),
            of("kron", Map.of(), "2,2", "2,3"), of("kron", Map.of(), "2", "2,2"), of("kron", Map.of(), "", "3"),
            of("kron", Map.of(), "2", "0"),
            of("einsum", Map.of("equation", "ij,jk->ik"), "2,3", "3,2"), of("einsum", Map.of("equation", "ij,jk"), "2,3", "3,2"),
            of("einsum", Map.of("equation", "ii"), "3,3"), of("einsum", Map.of("equation", "ii->i"), "3,3"),
            of("einsum", Map.of("equation", "iij,jB->Bi"), "2,2,3", "3,2"),
            of("einsum", Map.of("equation", "...ij,...jk->...ik"), "2,2,3", "3,2"),
            of("einsum", Map.of("equation", "b...,b...->..."), "2,3,1", "2,1,2"),
            of("einsum", Map.of("equation", "i,j,k->kji"), "2", "1", "3"),
            of("einsum", Map.of("equation", "ij,ij->i"), "2,3", "2,3"), of("einsum", Map.of("equation", "ij->"), "2,3"),
            of("einsum", Map.of("equation", "i,ij,j->"), "2", "2,3", "3"), of("einsum", Map.of("equation", "ba"), "2,3"),
            of("einsum", Map.of("equation", "->"), ""), of("einsum", Map.of("equation", "ij,ij->ij"), "1,3", "2,3"),
            of("einsum", Map.of("equation", "iii->i"), "2,2,2"), of("einsum", Map.of("equation", "ij,jk->ik"), "2,0", "0,3"),
            of("einsum", Map.of("equation", " i j -> j"), "2,3"),
            of("mse_loss", Map.of(), "2,3", "2,3"), of("mse_loss", Map.of("reduction", "sum"), "2,3", "3"),
            of("mse_loss", Map.of("reduction", "none"), "2,3", "2,1"), of("mse_loss", Map.of(), "", ""),
            of("l1_loss", Map.of(), "2,3", "2,3"), of("l1_loss", Map.of("reduction", "none"), "4", ""),
            of("smooth_l1_loss", Map.of("reduction", "none"), "2,3", "2,3"), of("smooth_l1_loss", Map.of("beta", 0), "3", "3"),
            of("smooth_l1_loss", Map.of("beta", 1.9), "3", "3"), of("huber_loss", Map.of("reduction", "none"), "2,3", "2,3"),
            of("huber_loss", Map.of("delta", 1.9), "3", "3"),
            of("binary_cross_entropy", Map.of(), "3", "3"), of("binary_cross_entropy", Map.of("reduction", "sum"), "2,3", "3"),
            of("binary_cross_entropy_with_logits", Map.of(), "3", "3"),
            of("binary_cross_entropy_with_logits", Map.of("reduction", "none"), "2,3", "2,1"),
            of("kl_div", Map.of(), "2,3", "2,3"), of("kl_div", Map.of("log_target", true, "reduction", "sum"), "2,3", "2,3"),
            of("hinge_embedding_loss", Map.of("reduction", "none"), "2,3", "2,3"),
            of("hinge_embedding_loss", Map.of("margin", 0.5), "3", "3"),
            of("poisson_nll_loss", Map.of(), "3", "3"),
            of("poisson_nll_loss", Map.of("log_input", false, "full", true, "reduction", "none"), "3", "3"),
            of("poisson_nll_loss", Map.of("log_input", false, "eps", 0.1, "reduction", "sum"), "3", "3"),
            of("cosine_similarity", Map.of(), "2,3", "2,3"), of("cosine_similarity", Map.of("axis", -1), "3", "2,3"),
            of("cosine_similarity", Map.of("axis", 0, "eps", 100), "3", "3"),
            of("normalize", Map.of(), "2,3"), of("normalize", Map.of("ord", 1, "axis", 0), "3,2"),
            of("normalize", Map.of("ord", "Infinity"), "2,3"),
            of("normalize", Map.of("ord", 3, "axis", List.of(0, 1)), "2,3"), of("normalize", Map.of("axis", 0, "eps", 50), "3"),
            of("normalize", Map.of("ord", 0), "2,3"), of("normalize", Map.of("ord", "-Infinity"), "2,3"));

    private static final List<OpCase> MATRICES = List.of(
            of("det", Map.of(), "3,3"), of("det", Map.of(), "2,2,2"), of("det", Map.of(), "4,4"), of("det", Map.of(), "1,1"),
            of("det", Map.of(), "0,0"), of("det", Map.of(), "0,2,2"),
            of("cofactor", Map.of(), "2,3,3"), of("cofactor", Map.of(), "4,4"), of("cofactor", Map.of(), "2,2"),
            of("cofactor", Map.of(), "2,1,1"),
            of("logdet", Map.of(), "3,3"), of("logdet", Map.of(), "2,2,2"), of("slogdet", Map.of(), "3,3"),
            of("slogdet", Map.of(), "2,2,2"),
            of("inv", Map.of(), "3,3"), of("inv", Map.of(), "2,2,2"), of("inv", Map.of("strict", false), "2,2"), of("inv", Map.of(), "0,0"),
            of("solve", Map.of(), "3,3", "3"), of("solve", Map.of(), "3,3", "3,2"), of("solve", Map.of(), "2,3,3", "2,3"),
            of("solve", Map.of(), "2,3,3", "3,1"), of("solve", Map.of(), "2,3,3", "3"), of("solve", Map.of(), "2,2", "3,1,2,2"),
            of("solve", Map.of(), "3,1,2,2", "2,2,1"), of("solve", Map.of(), "1,1,1", "1,1"), of("solve", Map.of(), "2,2", "2,0"),
            of("triangular_solve", Map.of(), "3,3", "3"), of("triangular_solve", Map.of("lower", false), "2,3,3", "3,2"),
            of("triangular_solve", Map.of("trans", true), "3,3", "2,3,1"),
            of("triangular_solve", Map.of("lower", false, "trans", true, "unit_diagonal", true), "2,2,2", "2,2"),
            of("cholesky", Map.of(), "3,3"), of("cholesky", Map.of(), "2,2,2"), of("cholesky", Map.of(), "1,1"),

            of("matrix_power", Map.of("n", 3), "2,2"),
            of("matrix_power", Map.of("n", -2), "2,2,2"),
            of("matrix_power", Map.of("n", 0), "2,2"),
            of("matrix_power", Map.of("n", 1), "2,2"),
            of("cofactor_derivative", Map.of(), "4,4", "4,4"), of("cofactor_derivative", Map.of(), "2,3,3", "2,3,3", "2,3,3"),
            of("cofactor_derivative", Map.of(), "2,2", "2,2"), of("cofactor_derivative", Map.of(), "0,0", "0,0"),
            of("qr_q", Map.of(), "3,3"), of("qr_q", Map.of(), "2,4,2"), of("qr_q", Map.of(), "2,4"), of("qr_q", Map.of(), "1,1"),
            of("qr_q", Map.of(), "3,0"), of("qr_q", Map.of(), "0,0"),
            of("qr_r", Map.of(), "3,3"), of("qr_r", Map.of(), "2,4,2"), of("qr_r", Map.of(), "2,2,3"), of("qr_r", Map.of(), "0,2"),
            of("eigvalsh", Map.of(), "3,3"), of("eigvalsh", Map.of(), "2,2,2"), of("eigvalsh", Map.of(), "1,1"),
            of("eigvalsh", Map.of(), "0,0"), of("eigvalsh", Map.of(), "0,2,2"),
            of("eigh_vectors", Map.of(), "3,3"), of("eigh_vectors", Map.of(), "2,2,2"), of("eigh_vectors", Map.of(), "2,0,0"),
            of("svdvals", Map.of(), "3,3"), of("svdvals", Map.of(), "2,3,2"), of("svdvals", Map.of(), "2,3"),
            of("svdvals", Map.of(), "0,3"),
            of("svd_u", Map.of(), "3,3"), of("svd_u", Map.of(), "2,3,2"), of("svd_u", Map.of(), "2,4"), of("svd_u", Map.of(), "2,0"),
            of("svd_vh", Map.of(), "3,3"), of("svd_vh", Map.of(), "3,2"), of("svd_vh", Map.of(), "2,2,4"), of("svd_vh", Map.of(), "1,1"),
            of("pinv", Map.of(), "3,3"), of("pinv", Map.of(), "2,3,2"), of("pinv", Map.of(), "2,4"), of("pinv", Map.of(), "0,2"),
            of("expm", Map.of(), "3,3"), of("expm", Map.of(), "2,2,2"), of("expm", Map.of(), "1,1"), of("expm", Map.of(), "0,0"),
            of("matrix_norm", Map.of(), "2,3,2"), of("matrix_norm", Map.of("keepdims", true), "3,2"),
            of("matrix_norm", Map.of("ord", "nuc"), "2,2,3"), of("matrix_norm", Map.of("ord", 1), "3,2"),
            of("matrix_norm", Map.of("ord", -1), "2,2,2"), of("matrix_norm", Map.of("ord", 2), "3,2"),
            of("matrix_norm", Map.of("ord", -2, "keepdims", true), "2,2,3"), of("matrix_norm", Map.of("ord", "Infinity"), "3,2"),
            of("matrix_norm", Map.of("ord", "-Infinity"), "2,2"), of("matrix_norm", Map.of(), "0,2"));

    /** All cases; an op that is neither elementwise nor in the table has none. */
    public static Stream<OpCase> all() {
        return OpCatalogue.all().stream().flatMap(OpCase::of);
    }

    public static Stream<OpCase> of(OpDefinition definition) {
        if (definition.family() != Family.ELEMENTWISE) {
            return Stream.of(TABLE, CIRCUITS, MATRICES, ArrayOpCases.ALL, LayerOpCases.ALL, SpatialCases.ALL).flatMap(List::stream)
                    .filter(one -> one.definition == definition);
        }
        List<Map<String, ?>> attributes = definition.attributes().isEmpty()
                ? List.of(Map.of())
                : ATTRIBUTES.getOrDefault(definition.name(), List.of());
        List<List<Shape>> shapes = Objects.requireNonNull(BROADCASTS.get(definition.operands().size()));
        return IntStream.range(0, attributes.size()).boxed()
                .flatMap(i -> shapes.stream().limit(i == 0 ? shapes.size() : 1).map(s -> new OpCase(definition, attributes.get(i), s)));
    }

    static OpCase of(String op, Map<String, ?> attributes, String... shapes) {
        return new OpCase(Objects.requireNonNull(OpCatalogue.find(op), op), attributes, shapes(shapes));
    }

    private static List<Shape> shapes(String... dims) {
        return Arrays.stream(dims).map(ShapeTables::shape).toList();
    }

    /** The same use with its axes counted from the other end; nothing if it names none, or those of several operands. */
    public Optional<OpCase> fromOtherEnd() {
        if (definition.name().equals("tensordot") || definition.name().equals("cosine_similarity")) {
            return Optional.empty();
        }
        Map<String, Object> turned = new HashMap<>(attributes);
        int rank = RANKED_BY_RESULT.contains(definition.name()) ? shape().rank() : shapes.isEmpty() ? 0 : shapes.getFirst().rank();
        turned.replaceAll((name, value) -> AXES.contains(name) ? turned(value, rank) : value);
        return turned.equals(attributes) ? Optional.empty() : Optional.of(new OpCase(definition, turned, shapes));
    }

    private static Object turned(Object axis, int rank) {
        return switch (axis) {
            case List<?> axes -> axes.stream().map(each -> turned(each, rank)).toList();
            case Integer number -> number < 0 ? number + rank : number - rank;
            default -> axis;
        };
    }

    public Op op() {
        return definition.create(attributes, shapes.size());
    }

    public Shape shape() {
        return op().shape(shapes.toArray(Shape[]::new));
    }

    public boolean isElementwise() {
        return definition.family() == Family.ELEMENTWISE;
    }

    /** Whether an operand is of whole numbers, or otherwise one that no gradient goes to. */
    public boolean isDiscrete(int operand) {
        return discrete(operand) != null;
    }

    /** What an element of the domain stands for in such an operand; null for the others. */
    private @Nullable DoubleUnaryOperator discrete(int operand) {
        List<String> names = definition.operands();
        return switch (operand < names.size() ? definition.name() + " " + names.get(operand) : "") {
            case String s when s.endsWith(" indices") || s.endsWith(" step") -> Math::floor;
            case String s when s.endsWith(" classes") -> x -> Math.floor(Math.abs(x));
            case String s when s.endsWith(" mask") -> x -> x > 0 ? 1 : 0;
            case "cross_entropy target" -> shapes.get(1).rank() < shapes.get(0).rank() ? x -> Math.floor(Math.abs(x)) : null;
            case "cosine_embedding_loss target" -> Math::signum;
            default -> null;
        };
    }

    public GraphFunction function() {
        return shapes.isEmpty()
                ? GraphFunction.of(op())
                : GraphFunction.of(x -> GraphFunction.call(definition.name(), attributes, x), shapes.toArray(Shape[]::new));
    }

    /** Operands whose elements lie apart from each other and from the eighths of the domain, where kinks are. */
    public List<Tensor> operands(long seed) {
        int count = Math.toIntExact(shapes.stream().mapToLong(Shape::size).sum());
        int cells = (count + 15) / 8 * 8;
        double[] domain = definition.domain();
        double width = (domain[1] - domain[0]) / cells;
        Random random = new Random(seed);
        List<Integer> cell = new ArrayList<>(IntStream.range(0, cells).boxed().toList());
        Collections.shuffle(cell, random);
        List<Tensor> operands = new ArrayList<>();
        for (Shape shape : shapes) {
            Tensor operand = Tensor.zeros(shape);
            Arrays.setAll(operand.data(), i -> domain[0] + width * (cell.removeLast() + 0.3 + 0.4 * random.nextDouble()));
            DoubleUnaryOperator discrete = discrete(operands.size());
            if (discrete != null) {
                Arrays.setAll(operand.data(), i -> discrete.applyAsDouble(operand.data()[i]));
            }
            operands.add(operand);
            if (MATRICES.contains(this) && operands.size() == 1) {
                dominate(operand);
            }
        }
        return operands;
    }

    /** Makes matrices positive definite and far from singular, with eigenvalues and singular values apart from each other. */
    private static void dominate(Tensor matrices) {
        int n = matrices.shape().last();
        int m = matrices.shape().dim(matrices.shape().rank() - 2);
        for (int i = 0; i < matrices.length(); i++) {
            matrices.data()[i] += i % n == i / n % m ? 2 * n + 1 + 3 * (i % n) : 0;
        }
    }

    @Override
    public String toString() {
        return definition.name() + (attributes.isEmpty() ? "" : attributes.toString()) + " of " + shapes;
    }
}
