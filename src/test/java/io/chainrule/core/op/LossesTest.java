package io.chainrule.core.op;

import static io.chainrule.core.ShapeTables.tensor;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.chainrule.core.GraphFunction;
import io.chainrule.core.ShapeTables;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Losses and normalizations by the formulas of PyTorch's documentation, computed with 40 digits. */
class LossesTest {
    static Stream<Arguments> values() {
        return Stream.of(
                arguments("mse_loss", Map.of(), tensor("", 424.078125),
                        List.of(tensor("4", 0.25, -1.5, 3, -40), tensor("4", 0.5, 1, 0, 1))),
                arguments("mse_loss", Map.of("reduction", "sum"), tensor("", 1696.3125),
                        List.of(tensor("4", 0.25, -1.5, 3, -40), tensor("4", 0.5, 1, 0, 1))),
                arguments("l1_loss", Map.of("reduction", "none"), tensor("4", 0.25, 2.5, 3, 41),
                        List.of(tensor("4", 0.25, -1.5, 3, -40), tensor("4", 0.5, 1, 0, 1))),
                arguments("smooth_l1_loss", Map.of("beta", 2.0, "reduction", "none"), tensor("4", 0.015625, 1.5, 2, 40),
                        List.of(tensor("4", 0.25, -1.5, 3, -40), tensor("4", 0.5, 1, 0, 1))),
                arguments("smooth_l1_loss", Map.of("beta", 0, "reduction", "none"), tensor("4", 0.25, 2.5, 3, 41),
                        List.of(tensor("4", 0.25, -1.5, 3, -40), tensor("4", 0.5, 1, 0, 1))),
                arguments("huber_loss", Map.of("delta", 2.0, "reduction", "none"), tensor("4", 0.03125, 3, 4, 80),
                        List.of(tensor("4", 0.25, -1.5, 3, -40), tensor("4", 0.5, 1, 0, 1))),
                arguments("huber_loss", Map.of(), tensor("", 11.2578125),
                        List.of(tensor("4", 0.25, -1.5, 3, -40), tensor("4", 0.5, 1, 0, 1))),
                arguments("binary_cross_entropy", Map.of("reduction", "none"),
                        tensor("5", 0.916290731874155, 0.10536051565782628, 0, 0, 100),
                        List.of(tensor("5", 0.2, 0.9, 0, 1, 0), tensor("5", 0.5, 1, 0, 1, 1))),
                arguments("binary_cross_entropy_with_logits", Map.of("reduction", "none"),
                        tensor("6", 0.7793552444685271, 2.1269280110429727, 1.9287498479639178e-22, 1.9287498479639178e-22, 0, 0),
                        List.of(tensor("6", 0.3, -2, 50, -50, 800, -800), tensor("6", 0.25, 1, 1, 0, 1, 0))),
                arguments("kl_div", Map.of("reduction", "none"), tensor("3", 0.233483707250338, -0.15649537425959442, 0),
                        List.of(tensor("3", -1.5, -0.25, -3), tensor("3", 0.4, 0.6, 0))),
                arguments("kl_div", Map.of("log_target", true, "reduction", "none"), tensor("2", 0.6065306597126334, -0.2368367456640722),
                        List.of(tensor("2", -1.5, -0.25), tensor("2", -0.5, -2))),
                arguments("hinge_embedding_loss", Map.of("reduction", "none"), tensor("4", 2, 0.25, 0.5, 0),
                        List.of(tensor("4", 2, 0.75, 0.5, 3), tensor("4", 1, -1, -1, -1))),
                arguments("hinge_embedding_loss", Map.of("margin", 2.5, "reduction", "sum"), tensor("", 3.75),
                        List.of(tensor("2", 2, 0.75), tensor("2", 1, -1))),
                arguments("poisson_nll_loss", Map.of("reduction", "none"), tensor("2", 0.6487212707001282, 3.3678794411714423),
                        List.of(tensor("2", 0.5, -1), tensor("2", 2, 3))),
                arguments("poisson_nll_loss", Map.of("log_input", false, "full", true, "reduction", "none"),
                        tensor("2", 2.538100805724427, 1.094534885225169), List.of(tensor("2", 0.5, 1.5), tensor("2", 2, 1))),
                arguments("cross_entropy", Map.of("reduction", "none"), tensor("2", 1.1576059644443801, 0.6041306053367284),
                        List.of(tensor("2,3", 1, 2, 3, 0.5, -1, 0), tensor("2,3", 0.25, 0.25, 0.5, 1, 0, 0))),
                arguments("cross_entropy", Map.of("label_smoothing", 0.25), tensor("", 0.9954516182238875),
                        List.of(tensor("2,3", 1, 2, 3, 0.5, -1, 0), tensor("2,3", 0.25, 0.25, 0.5, 1, 0, 0))),
                arguments("cross_entropy", Map.of("axis", 0, "reduction", "sum"), tensor("", 1.1290367439054398),
                        List.of(tensor("2,3", 1, 2, 3, 0.5, -1, 0), tensor("2,3", 0.25, 0.25, 0.5, 1, 0, 0))),
                arguments("cosine_similarity", Map.of(), tensor("3", 0.8082903768654761, 0.19245008972987526, 0),
                        List.of(tensor("3,3", 3, 4, 0, 1, -2, 2, 0, 0, 0), tensor("3", 1, 1, 1))),
                arguments("normalize", Map.of(),
                        tensor("3,3", 0.6, 0.8, 0, 0.3333333333333333, -0.6666666666666666, 0.6666666666666666, 0, 0, 0),
                        List.of(tensor("3,3", 3, 4, 0, 1, -2, 2, 0, 0, 0))),
                arguments("normalize", Map.of("ord", 1, "axis", 0),
                        tensor("3,3", 0.75, 0.6666666666666666, 0, 0.25, -0.3333333333333333, 1, 0, 0, 0),
                        List.of(tensor("3,3", 3, 4, 0, 1, -2, 2, 0, 0, 0))),
                arguments("normalize", Map.of("ord", "Infinity"), tensor("3,3", 0.75, 1, 0, 0.5, -1, 1, 0, 0, 0),
                        List.of(tensor("3,3", 3, 4, 0, 1, -2, 2, 0, 0, 0))),
                arguments("normalize", Map.of("ord", 3),
                        tensor("3,3", 0.6669717773118556, 0.8892957030824742, 0, 0.3889111187328203, -0.7778222374656406,
                                0.7778222374656406, 0,
                                0, 0),
                        List.of(tensor("3,3", 3, 4, 0, 1, -2, 2, 0, 0, 0))),
                arguments("layer_norm", Map.of(),
                        tensor("2,3", -1.2247356859083902, 1, -0.3876321570458049, 1.0690312230509016, -1.6725780576272542,
                                -0.8663710971186374),
                        List.of(tensor("2,3", 1, 2, 3, 0.5, -1, 0), tensor("3", 1, 2, 0.5), tensor("3", 0, 1, -1))),
                arguments("layer_norm", Map.of("axes", 0, "eps", 0.5),
                        tensor("2,3", 0.3333333333333333, 0.9045340337332909, 0.9045340337332909, 2.3333333333333335, 1.1909319325334182,
                                1.1909319325334182),
                        List.of(tensor("2,3", 1, 2, 3, 0.5, -1, 0), tensor("2", 1, 2), tensor("2", 0, 3))),
                arguments("linear", Map.of(), tensor("2,2", 4, 8, -5.5, 1.5),
                        List.of(tensor("2,3", 1, 2, 3, 0.5, -1, 0), tensor("3,2", -5, 1, 3, 2, 1, 0), tensor("2", 0, 3))));
    }

    @ParameterizedTest(name = "{0}{1}")
    @MethodSource("values")
    void have_the_value_of_the_reference(String op, Map<String, ?> attributes, Tensor expected, List<Tensor> operands) {
        GraphFunction.assertValue(op, attributes, operands, expected, 1e-14, 1e-15);
    }

    static Stream<Arguments> misfits() {
        return Stream.of(
                arguments("cross_entropy", Map.of(), List.of("2,3", "3"),
                        "needs target [2, 3] (probabilities) or [2] (classes), got [3]"),
                arguments("linear", Map.of(), List.of("2,3", "3,2", "3"), "bias of shape [out]"),
                arguments("layer_norm", Map.of(), List.of("2,3", "2", "3"), "needs weight [3], got [2]"),
                arguments("mse_loss", Map.of(), List.of("2", "3"), "do not broadcast"));
    }

    @ParameterizedTest
    @MethodSource("misfits")
    void refuse_operands_that_do_not_fit(String op, Map<String, ?> attributes, List<String> operands, String message) {
        ShapeTables.assertRefused(op, attributes, operands, message);
    }

    static Stream<Arguments> wrongAttributes() {
        return Stream.of(
                arguments("mse_loss", Map.of("reduction", "mena"), "is one of"),
                arguments("huber_loss", Map.of("delta", 0), "is 0"),
                arguments("smooth_l1_loss", Map.of("beta", -1), "at least 0"));
    }

    @ParameterizedTest
    @MethodSource("wrongAttributes")
    void refuse_attributes_that_mean_nothing(String op, Map<String, ?> attributes, String message) {
        assertThatThrownBy(() -> GraphFunction.op(op, attributes, 2)).isInstanceOf(ProblemException.class)
                .hasMessageContaining(message);
    }
}
