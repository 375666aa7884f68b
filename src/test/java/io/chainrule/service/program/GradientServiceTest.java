package io.chainrule.service.program;

import static io.chainrule.service.program.TestService.descriptions;
import static io.chainrule.service.program.TestService.at;
import static io.chainrule.service.program.TestService.call;
import static io.chainrule.service.program.TestService.gradient;
import static io.chainrule.service.program.TestService.output;
import static io.chainrule.service.program.TestService.vector;
import static io.chainrule.service.program.TestService.with;
import static io.chainrule.service.program.TestService.wrt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.chainrule.core.Outcome;
import io.chainrule.service.program.TestService.Found;
import io.chainrule.core.LocalJacobians;
import io.chainrule.core.Signature;
import io.chainrule.core.Source;
import io.chainrule.core.Transformation;
import io.chainrule.service.run.Query;
import io.chainrule.core.graph.NodeSpec;
import io.chainrule.core.graph.Place;
import io.chainrule.core.graph.Problem;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Answers of the endpoints' methods against closed forms. */
class GradientServiceTest {
    private static final double[][] W = {{0.1, 0.5}, {-0.3, 0.8}};
    private static final double[] X = {0.2, 0.4};
    private static final Query SQUARED_NORM = call("q = W @ x\nf = sum(q^2)", "W", W, "x", X);

    @Test
    void everyNodeHasItsValueAndGradientInTopologicalOrder() {
        Found answer = gradient(call("f = (x + y) * z", "x", -2, "y", 5, "z", -4));
        assertThat(answer.nodes()).extracting(Found.Node::id).containsExactly("x", "y", "add_1", "z", "f");
        assertThat(answer.nodes()).extracting(node -> node.value() == null ? Double.NaN : node.value().item()).containsExactly(-2.0, 5.0,
                3.0, -4.0, -12.0);
        assertThat(answer.nodes()).extracting(node -> node.gradient() == null ? Double.NaN : node.gradient().item())
                .containsExactly(-4.0, -4.0, -4.0, 3.0, 1.0);
    }

    @Test
    void aNodeThatDoesNotReachTheOutputHasAZeroGradient() {
        Found answer = gradient(output(call("a = x * y\nb = exp(y)\nf = a + b", "x", 3, "y", 2), "a"));
        assertThat(answer.nodes()).filteredOn(node -> List.of("b", "f").contains(node.id())).extracting(Found.Node::gradient)
                .containsExactly(Tensor.scalar(0), Tensor.scalar(0));
        assertThat(answer.gradients()).containsEntry("x", Tensor.scalar(2)).containsEntry("y", Tensor.scalar(3));
    }

    @Test
    void derivativesByAnInnerNodeAreThoseByAPerturbationAddedToIt() {
        Found answer = gradient(wrt(call("q = x * x\nf = sum(q * q) + sum(x)", "x", vector(1, 2)), "q", "x"));
        assertThat(at(answer.gradients(), "q")).isEqualTo(Tensor.vector(2, 8));
        assertThat(at(answer.gradients(), "x")).isEqualTo(Tensor.vector(5, 33));
        Outcome jvp = with().jvp(call("q = x * x\nf = sum(q * q)", "x", vector(1, 2)), Map.of("q", Tensor.vector(1, 0)), null).result();
        assertThat(at(jvp.tangents(), "f")).isEqualTo(Tensor.scalar(2));
    }

    @Test
    void anOutputThatIsAnInputOrAConstantIsDifferentiatedToo() {
        assertThat(gradient(call("x", "x", 3)).gradients()).containsEntry("x", Tensor.scalar(1));
        assertThat(gradient(call("f = 3")).value()).isEqualTo(Tensor.scalar(3));
        assertThat(gradient(call("f = x", "x", 3)).gradients()).containsEntry("x", Tensor.scalar(1));
    }

    @Test
    void equalNodesHaveAGradientEach() {
        Found answer = gradient(call("a = exp(x)\nb = exp(x)\nf = a * 2 + b * 3", "x", 0));
        assertThat(answer.nodes()).filteredOn(node -> List.of("a", "b").contains(node.id())).extracting(Found.Node::gradient)
                .containsExactly(Tensor.scalar(2), Tensor.scalar(3));
    }

    @Test
    void compositeGatesKeepTheirGradientEvenWhereTheirCircuitIsTheirOperand() {
        Found answer = gradient(call("m = mean(x, axis=[])\nf = sum(m * x)", "x", vector(3, 4)));
        assertThat(answer.nodes()).filteredOn(node -> node.id().equals("m")).extracting(Found.Node::gradient)
                .containsExactly(Tensor.vector(3, 4));
        assertThat(at(answer.gradients(), "x")).isEqualTo(Tensor.vector(6, 8));
    }

    @Test
    void aVjpTakesCotangentsOnSeveralNodes() {
        Outcome answer = with().vjp(SQUARED_NORM, Map.of("q", Tensor.vector(1, 0), "f", Tensor.scalar(1))).result();
        assertThat(at(answer.gradients(), "x").data()).containsExactly(new double[]{-0.112 + 0.1, 0.636 + 0.5}, within(1e-15));
        assertThat(at(answer.values(), "f").item()).isCloseTo(0.116, within(1e-15));
    }

    @Test
    void aJvpIsTheDerivativeAlongADirection() {
        Outcome answer = with().jvp(SQUARED_NORM, Map.of("x", Tensor.vector(1, -1)), List.of("q", "f")).result();
        assertThat(at(answer.tangents(), "q").data()).containsExactly(new double[]{-0.4, -1.1}, within(1e-15));
        assertThat(at(answer.tangents(), "f").item()).isCloseTo(-0.112 - 0.636, within(1e-15));
    }

    @Test
    void localJacobiansAreOfEveryOpThatMixesElementsAndOnRequestOfTheOthers() {
        List<LocalJacobians.Local> auto = with().gradient(SQUARED_NORM, null, Transformation.Locals.AUTO).result().jacobians();
        assertThat(auto).extracting(jacobian -> jacobian.node() + " by " + jacobian.wrt()).containsExactly("q by W", "q by x",
                "f by pow_1");
        List<LocalJacobians.Local> all = with().gradient(SQUARED_NORM, null, Transformation.Locals.ALL).result().jacobians();
        assertThat(all).filteredOn(jacobian -> "diagonal".equals(jacobian.structure())).singleElement().satisfies(jacobian -> {
            assertThat(jacobian.node()).isEqualTo("pow_1");
            assertThat(jacobian.value()).isEqualTo(Tensor.vector(2 * 0.22000000000000003, 2 * 0.26000000000000006));
        });
    }

    @Test
    void aProductWithItselfHasALocalJacobianForEachOperand() {
        List<LocalJacobians.Local> jacobians = gradient(call("f = dot(x, x)", "x", X)).jacobians();
        assertThat(jacobians).extracting(LocalJacobians.Local::operand).containsExactly(0, 1);
        assertThat(jacobians).extracting(LocalJacobians.Local::value).containsExactly(Tensor.vector(X), Tensor.vector(X));
    }

    @Test
    void theAnswerListsTheNodesAskedFor() {
        assertThat(gradient(TestService.nodes(SQUARED_NORM, new Signature.NodeSelection.None())).nodes()).isEmpty();
        assertThat(gradient(TestService.nodes(SQUARED_NORM, new Signature.NodeSelection.Named())).nodes()).extracting(Found.Node::id)
                .containsExactly("W", "x", "q", "f");
        assertThat(gradient(TestService.nodes(SQUARED_NORM, new Signature.NodeSelection.Ids(List.of("pow_1", "q", "q")))).nodes())
                .extracting(Found.Node::id).containsExactly("q", "pow_1");
    }

    @Test
    void allNamesThatAreNoNodesAreNamedAtOnce() {
        Query call = new Query(SQUARED_NORM.source(), SQUARED_NORM.inputs(), "g", List.of("x", "w"),
                new Signature.NodeSelection.Ids(List.of("qq")), Signature.Batch.NONE);
        assertThatThrownBy(() -> with().gradient(call, null, Transformation.Locals.NONE)).isInstanceOfSatisfying(ProblemException.class,
                e -> assertThat(e.problems()).extracting(Problem::place).containsExactlyInAnyOrder(Place.setting("output"),
                        Place.setting("wrt", "1"), Place.setting("nodes", "0")));
    }

    @Test
    void aGradientOfAnArrayNeedsACotangentOfItsShape() {
        Query call = call("y = x^2", "x", X);
        assertThatThrownBy(() -> gradient(call)).isInstanceOfSatisfying(ProblemException.class, e -> {
            assertThat(e.problems()).extracting(problem -> problem.code().code()).containsExactly("not-scalar");
            assertThat(e.problems().getFirst().hint()).contains("sum(y)");
            assertThat(e.problems().getFirst().actual()).isEqualTo("[2]");
        });
        assertThatThrownBy(() -> with().gradient(call, Tensor.scalar(1), Transformation.Locals.NONE)).isInstanceOfSatisfying(
                ProblemException.class,
                e -> assertThat(e.problems()).extracting(Problem::place).containsExactly(Place.setting("cotangent")));
        assertThat(at(with().gradient(call, Tensor.vector(1, 10), Transformation.Locals.NONE).result().outcome().gradients(), "x"))
                .isEqualTo(Tensor.vector(0.4, 8));
    }

    @Test
    void cotangentsOnTwoNamesOfOneNodeAddUp() {
        Outcome answer = with().vjp(call("h = x^2\nf = h", "x", vector(1, 2)),
                Map.of("h", Tensor.vector(1, 1), "f", Tensor.vector(10, 10))).result();
        assertThat(at(answer.gradients(), "x")).isEqualTo(Tensor.vector(22, 44));
    }

    @Test
    void theOutputIsCalledAsItWasWrittenOrAskedFor() {
        Query call = call("h = x * 2\nf = h", "x", 1);
        assertThat(gradient(call).output()).isEqualTo("f");
        assertThat(gradient(output(call, "h")).output()).isEqualTo("h");
        assertThat(gradient(call("x", "x", 1)).output()).isEqualTo("output");
    }

    @Test
    void theRequestsOutputWinsOverTheGraphsAndSettlesWhichSinkIsMeant() {
        List<NodeSpec> nodes = List.of(new NodeSpec("f", "exp", List.of("x"), Map.of()), new NodeSpec("g", "sin", List.of("x"), Map.of()));
        Query call = new Query(new Source.Nodes(nodes, null), TestService.inputs("x", 0), "g", null, new Signature.NodeSelection.None(),
                Signature.Batch.NONE);
        assertThat(gradient(call).gradients()).containsEntry("x", Tensor.scalar(1));
        assertThatThrownBy(() -> gradient(output(call, "h"))).isInstanceOfSatisfying(ProblemException.class,
                e -> assertThat(e.problems()).extracting(Problem::place).containsExactly(Place.setting("output")));
    }

    @Test
    void shapesThatTheProgramDeclaresNeedNoValuesToDescribeIt() {
        List<NodeSpec> nodes = List.of(new NodeSpec("x", "input", List.of(), Map.of("shape", List.of(3.0))),
                new NodeSpec("f", "sum", List.of("x"), Map.of()));
        Query call = new Query(new Source.Nodes(nodes, null), Map.of(), null, null, new Signature.NodeSelection.All(),
                Signature.Batch.NONE);
        assertThat(TestService.inputShape(descriptions().describe(call, Map.of()), "x")).isEqualTo(Shape.of(3));
    }

    @Test
    void missingInputsAndUnknownNamesAreToldTogether() {
        assertThatThrownBy(() -> gradient(wrt(call("f = x * yy", "x", 1), "q"))).isInstanceOfSatisfying(ProblemException.class,
                e -> assertThat(e.problems()).extracting(problem -> problem.code().code()).containsExactly("missing-input",
                        "unknown-node"));
    }

    @Test
    void aTangentOfAnInputThatTheProgramNeverMentionsStillHasItsShape() {
        Query call = call("f = x", "x", 1, "u", vector(1, 2));
        assertThat(at(with().jvp(call, Map.of("u", Tensor.vector(1, 1)), null).result().tangents(), "f")).isEqualTo(Tensor.scalar(0));
        assertThatThrownBy(() -> with().jvp(call, Map.of("u", Tensor.scalar(1)), null)).isInstanceOfSatisfying(ProblemException.class,
                e -> assertThat(e.problems()).extracting(Problem::place).containsExactly(Place.setting("tangents", "u")));
    }
}
