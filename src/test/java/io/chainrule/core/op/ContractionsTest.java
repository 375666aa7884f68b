package io.chainrule.core.op;

import static io.chainrule.core.ShapeTables.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.chainrule.core.Derivatives;
import io.chainrule.core.GraphFunction;
import io.chainrule.core.ShapeTables;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Products of arrays, as NumPy 2.4 computes them, and what they refuse. */
class ContractionsTest {
    static Stream<Arguments> values() {
        return Stream.of(
                arguments("inner", Map.of(), tensor("2,2,2", -9, -3, -9, 3, 7, -26, -18, -19),
                        List.of(tensor("2,3", 0, 0, 3, 5, -5, -4), tensor("2,2,3", 4, 5, -3, -2, 4, -1, -2, 4, -3, -1, 2, 1))),
                arguments("vecdot", Map.of(), tensor("2", -9, 1), List.of(tensor("2,3", -5, -5, 4, 3, 4, 0), tensor("3", 3, -2, -1))),
                arguments("vecdot", Map.of("axis", 0), tensor("2", -9, 15),
                        List.of(tensor("3,2", 3, -4, -2, -4, -1, 5), tensor("3", -4, -1, -1))),
                arguments("matvec", Map.of(), tensor("2,2", -3, -46, -6, 8),
                        List.of(tensor("2,2,3", 4, -3, 0, -3, -5, 3, -5, -2, 0, 0, -4, 5), tensor("2,3", 3, 5, -4, 2, -2, 0))),
                arguments("trace", Map.of("offset", -1), tensor("2", -3, -4),
                        List.of(tensor("2,4,3", 5, -2, 2, -4, -2, 5, -1, 0, -2, -4, -1, 1, 0, 3, -2, 1, 3, 5, -1, -5, 2, 0, 4, 0))),
                arguments("trace", Map.of("offset", 2), tensor("", 0), List.of(tensor("3,3", -1, -5, 0, 2, 3, 4, -3, 1, 3))),
                arguments("trace", Map.of("offset", -2), tensor("", -3), List.of(tensor("3,3", -1, -5, 0, 2, 3, 4, -3, 1, 3))),
                arguments("trace", Map.of("offset", -2), tensor("", 4), List.of(tensor("3,4", 1, 2, 3, 5, 6, 7, 8, 9, 4, 1, 2, 3))),
                arguments("trace", Map.of("offset", 3), tensor("", 0), List.of(tensor("2,2", 1, 2, 3, 4))),
                arguments("trace", Map.of("offset", Integer.MIN_VALUE), tensor("", 0), List.of(tensor("2,2", 1, 2, 3, 4))),
                arguments("trace", Map.of("offset", Integer.MAX_VALUE), tensor("", 0), List.of(tensor("2,2", 1, 2, 3, 4))),
                arguments("trace", Map.of(), tensor("", -2), List.of(tensor("3,2", -3, -2, 4, 1, 0, 2))),
                arguments("tensordot", Map.of(), tensor("2", 36, -26),
                        List.of(tensor("2,2,3", 0, 5, 3, -5, -4, 0, 4, -5, 2, 3, 3, 4), tensor("2,3", -3, 1, 3, -2, -3, 0))),
                arguments("tensordot", Map.of("axes", List.of(List.of(0, 2), List.of(1, 0))), tensor("2,2", 11, -39, -31, 1),
                        List.of(tensor("2,2,3", -5, -3, 4, 2, 4, 4, 4, -2, 0, 1, -2, 5),
                                tensor("3,2,2", -5, 4, 2, -3, 2, -1, 4, 5, -2, 0, -3, 2))),
                arguments("tensordot", Map.of("axes", 0), tensor("2,2", 6, 10, 12, 20), List.of(tensor("2", 2, 4), tensor("2", 3, 5))),
                arguments("cross", Map.of(), tensor("2,3", 8, -11, -1, 6, -13, -15),
                        List.of(tensor("2,3", 5, 4, -4, -5, 0, -2), tensor("3", 4, 3, -1))),
                arguments("cross", Map.of("axis", 0), tensor("3,2", 0, -28, 0, 6, 9, 29),
                        List.of(tensor("3,2", 1, 1, 4, -5, 0, 2), tensor("3,2", -1, 5, 5, 4, 0, 4))),
                arguments("kron", Map.of(), tensor("2,6", -10, -15, -20, 4, 6, 8, -6, -9, -12, -6, -9, -12),
                        List.of(tensor("2,2", -5, 2, -3, -3), tensor("1,3", 2, 3, 4))),
                arguments("kron", Map.of(), tensor("2,4", -12, 6, 16, -8, 15, -9, -20, 12),
                        List.of(tensor("2", -3, 4), tensor("2,2", 4, -2, -5, 3))),
                arguments("einsum", Map.of("equation", "ij,jk->ki"), tensor("2,2", 8, -6, -24, 20),
                        List.of(tensor("2,3", 4, 0, -4, -4, -1, 3), tensor("3,2", -2, -5, 2, 3, -4, 1))),
                arguments("einsum", Map.of("equation", "ij,jk"), tensor("2,2", -4, -16, 12, 7),
                        List.of(tensor("2,3", -1, 0, -5, 1, -3, 1), tensor("3,2", -1, 1, -4, -1, 1, 3))),
                arguments("einsum", Map.of("equation", "ba"), tensor("3,2", -1, 0, -5, 2, 2, -4),
                        List.of(tensor("2,3", -1, -5, 2, 0, 2, -4))),
                arguments("einsum", Map.of("equation", "bA"), tensor("3,2", -1, -2, 4, 1, 4, -5),
                        List.of(tensor("2,3", -1, 4, 4, -2, 1, -5))),
                arguments("einsum", Map.of("equation", "ii"), tensor("", 8), List.of(tensor("3,3", 3, -3, -2, 5, 0, 4, -3, 3, 5))),
                arguments("einsum", Map.of("equation", "iij->ji"), tensor("3,2", -5, 3, -3, -4, -4, 2),
                        List.of(tensor("2,2,3", -5, -3, -4, -3, -2, -5, 4, -3, 5, 3, -4, 2))),
                arguments("einsum", Map.of("equation", "...ij,...jk"), tensor("2,2,2", -12, 8, -11, -13, 5, 3, -5, -7),
                        List.of(tensor("2,2,3", 3, -4, -4, -1, -5, -1, 0, 2, 1, 0, -3, 1), tensor("3,2", 0, 4, 2, 2, 1, -1))),
                arguments("einsum", Map.of("equation", "b...,b...->..."), tensor("3,2", 11, 8, 9, 11, -1, 5),
                        List.of(tensor("2,3,1", -2, -1, 1, -1, -4, -4), tensor("2,1,2", -5, -3, -1, -2))),
                arguments("einsum", Map.of("equation", "i...j->j..."), tensor("2,2", 1, -2, -1, 3),
                        List.of(tensor("2,2,2", -4, -2, 2, -2, 5, 1, -4, 5))),
                arguments("einsum", Map.of("equation", "ij,ij->ij"), tensor("2,3", 12, 6, -12, 8, 3, 8),
                        List.of(tensor("1,3", 4, 3, -4), tensor("2,3", 3, 2, 3, 2, 1, -2))),
                arguments("einsum", Map.of("equation", "abc,bd,ae->ecd"),
                        tensor("2,2,3", 45, 60, -75, 45, 63, -84, 87, 106, -115, 63, 79, -90),
                        List.of(tensor("2,2,2", 5, 5, 2, -2, 0, 1, -5, -5), tensor("2,3", 0, 1, -3, -3, -4, 5),
                                tensor("2,2", 0, -2, 3, 5))),
                arguments("einsum", Map.of("equation", "iii->i"), tensor("2", -2, -5), List.of(tensor("2,2,2", -2, 4, 3, 3, 0, 5, -4, -5))),
                arguments("einsum", Map.of("equation", "i,i,i"), tensor("", 68),
                        List.of(tensor("3", 5, 0, -1), tensor("3", 3, -2, 2), tensor("3", 4, 3, -4))),
                arguments("einsum", Map.of("equation", "...,..."), tensor("2,3", 25, -9, -8, -15, -15, 4),
                        List.of(tensor("2,3", 5, 3, 2, -3, 5, -1), tensor("3", 5, -3, -4))),
                arguments("einsum", Map.of("equation", "i,j->ij"), tensor("2,3", -4, 20, 20, -1, 5, 5),
                        List.of(tensor("2", 4, 1), tensor("3", -1, 5, 5))));
    }

    @ParameterizedTest(name = "{0}{1}")
    @MethodSource("values")
    void have_the_value_of_the_reference(String op, Map<String, ?> attributes, Tensor expected, List<Tensor> operands) {
        GraphFunction.assertValue(op, attributes, operands, expected, 1e-14, 1e-15);
    }

    /** As graphs show them whose gates are opened: nothing is moved, cut or reshaped that is right as it is. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            trace(A)                            | A:3,3     | reshape index sum
            trace(A)                            | A:1,1     | reshape sum
            trace(A)                            | A:2,3     | index reshape index sum
            trace(A, offset=1)                  | A:3,3     | index reshape index sum
            trace(A, offset=2)                  | A:3,3     | index reshape sum
            inner(a, b)                         | a:3 b:3   | reshape reshape matmul reshape
            tensordot(A, B, axes=1)             | A:2,3 B:3,4 | matmul
            tensordot(A, B, axes=[[0], [0]])    | A:3,2 B:3,4 | transpose matmul
            tensordot(A, B, axes=[[0], [1]])    | A:3,2 B:4,3 | transpose transpose matmul
            vecdot(A, B)                        | A:2,3 B:2,3 | mul sum
            vecdot(A, B, axis=0)                | A:2,3 B:2,3 | transpose transpose mul sum
            """)
    void are_circuits_of_few_ops(String text, String shapes, String ops) {
        assertThat(String.join(" ", GraphFunction.of(text, new TreeMap<>(Derivatives.shapes(shapes))).ops())).isEqualTo(ops);
    }

    static Stream<Arguments> misfits() {
        return Stream.of(
                arguments("inner", Map.of(), List.of("2,3", "2"), "do not fit"),
                arguments("vecdot", Map.of(), List.of("2,3", "1"), "do not fit"),
                arguments("matvec", Map.of(), List.of("3", "3"), "takes a matrix and a vector"),
                arguments("trace", Map.of(), List.of("3"), "takes a matrix"),
                arguments("trace", Map.of(), List.of("0,50000,50000"), "more elements than an array can hold"),
                arguments("tensordot", Map.of(), List.of("2,3", "3,2"), "do not fit"),
                arguments("tensordot", Map.of("axes", 3), List.of("2,3", "3,2"), "no 3 axes"),
                arguments("tensordot", Map.of("axes", List.of(List.of(0, 0), List.of(0, 1))), List.of("2,3", "2,2"), "named twice"),
                arguments("cross", Map.of(), List.of("2", "3"), "vectors of length 3"),
                arguments("einsum", Map.of("equation", "ij,jk"), List.of("2,3"), "2 terms"),
                arguments("einsum", Map.of("equation", "ij"), List.of("2"), "does not name"),
                arguments("einsum", Map.of("equation", "...ij"), List.of("2"), "does not name"),
                arguments("einsum", Map.of("equation", "ij,jk"), List.of("2,3", "2,2"), "share the letter 'j'"),
                arguments("einsum", Map.of("equation", "ii"), List.of("2,3"), "share the letter 'i'"),
                arguments("einsum", Map.of("equation", "...,..."), List.of("2", "3"), "axis of the ellipsis"),
                arguments("einsum", Map.of("equation", "...i->i"), List.of("2,3"), "lacks the ellipsis"));
    }

    @ParameterizedTest
    @MethodSource("misfits")
    void refuse_operands_that_do_not_fit(String op, Map<String, ?> attributes, List<String> operands, String message) {
        ShapeTables.assertRefused(op, attributes, operands, message);
    }

    static Stream<Arguments> wrongAttributes() {
        return Stream.of(
                arguments("einsum", Map.of("equation", "i1,j"), "no letter"),
                arguments("einsum", Map.of("equation", "i,j->k"), "in no operand"),
                arguments("einsum", Map.of("equation", "i,j->ii"), "twice"),
                arguments("einsum", Map.of("equation", "......,j"), "no letter"),
                arguments("tensordot", Map.of("axes", List.of(1)), "two lists"),
                arguments("tensordot", Map.of("axes", List.of("x", 1)), "two lists"));
    }

    @ParameterizedTest
    @MethodSource("wrongAttributes")
    void refuse_attributes_that_mean_nothing(String op, Map<String, ?> attributes, String message) {
        assertThatThrownBy(() -> GraphFunction.op(op, attributes, 2)).isInstanceOf(ProblemException.class)
                .hasMessageContaining(message);
    }
}
